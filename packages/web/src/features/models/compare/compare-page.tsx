import { Anchor, Badge, Checkbox, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { EmptyState } from "../../../components/empty-state.tsx";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { PageHeader } from "../../../components/page-header.tsx";
import { Section } from "../../../components/section.tsx";
import { StatusBadge } from "../../../components/status-badge.tsx";
import { versionAddress } from "../../../routing/addresses.ts";
import { mostVersions } from "./compare-search.ts";
import { ComparedTable } from "./compared-table.tsx";
import { comparedParts } from "./differences.ts";
import { PairedDifferences } from "./paired-differences.tsx";
import { PromptAnswers } from "./prompt-answers.tsx";
import { RowAnswers } from "./row-answers.tsx";
import { useCompared } from "./use-compared.ts";
import { VersionChanges } from "./version-changes.tsx";
import { VersionPicker } from "./version-picker.tsx";

/** Versions beside each other, of one model or of several: in numbers, and in what they answer. */
export function ComparePage() {
  const search = useSearch({ from: "/compare-versions" });
  const navigate = useNavigate({ from: "/compare-versions" });
  const references = [...new Set(search.of)].slice(0, mostVersions);
  const { versions, errors, pending, datasets } = useCompared(references);
  const choose = (of: string[]) => void navigate({ search: (before) => ({ ...before, of }), replace: true });
  const names = new Map(datasets.map((one) => [one.id, `${one.name}:${one.version}`]));
  const parts = comparedParts(versions, (id) => names.get(id) ?? `dataset ${id.slice(0, 8)}`);
  const [first, second] = versions.map(({ version }) => `${version.model}:${version.version}`);
  const ready = versions.filter(({ version }) => version.status === "ready");
  return (
    <>
      <PageHeader
        title={references.length === 0 ? "Compare versions" : `Compare ${references.join(" and ")}`}
        description="What differs between versions, in numbers and in answers"
      />
      <Stack gap="xl">
        <Group gap="xs" aria-label="Compared versions" role="group">
          {versions.map(({ version }) => (
            <Group key={version.id} gap={6}>
              <Anchor fw={600} href={versionAddress(version.model, version.version)}>
                {version.model}:{version.version}
              </Anchor>
              <StatusBadge status={version.status} />
              {version.aliases.map((alias) => (
                <Badge key={alias} variant="outline" tt="none">
                  @{alias}
                </Badge>
              ))}
            </Group>
          ))}
        </Group>
        <VersionPicker references={references} choose={choose} />
        {search.of.length > mostVersions && (
          <Text c="dimmed">
            Of {search.of.length} versions in this address the first {mostVersions} are compared.
          </Text>
        )}
        {errors.map(({ reference, error }) => (
          <ErrorNotice key={reference} error={error} />
        ))}
        {pending && <Skeleton height={200} />}
        {references.length < 2 && !pending && (
          <EmptyState title="One more version is needed">
            Choose it above by its name, such as ember:1 or ember@champion.
          </EmptyState>
        )}
        {!pending && versions.length > 1 && (
          <>
            <Section title="In numbers">
              <Stack>
                <Checkbox
                  label="Only what differs"
                  checked={search.different === true}
                  onChange={(event) => {
                    const different = event.currentTarget.checked || undefined;
                    void navigate({ search: (before) => ({ ...before, different }), replace: true });
                  }}
                />
                {parts.map((part) => (
                  <ComparedTable
                    key={part.title}
                    part={part}
                    versions={versions.map(({ version }) => version)}
                    onlyDifferent={search.different === true}
                  />
                ))}
              </Stack>
            </Section>
            <PairedDifferences compared={versions} datasets={datasets} />
            {first !== undefined && second !== undefined && versions.length === 2 && (
              <VersionChanges from={first} to={second} />
            )}
            {ready.length > 1 ? (
              <>
                <PromptAnswers versions={ready.map(({ version }) => version)} />
                <RowAnswers compared={ready} datasets={datasets} />
              </>
            ) : (
              <Text c="dimmed">Their answers can be compared as soon as two of them are ready.</Text>
            )}
          </>
        )}
      </Stack>
    </>
  );
}
