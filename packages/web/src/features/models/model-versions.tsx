import { Anchor, Badge, Button, Checkbox, Group, Stack, Table, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatMetric } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";
import { versionAddress } from "../../routing/addresses.ts";
import { compareAddress, mostVersions } from "./compare/compare-search.ts";
import { Pages } from "../../components/pages.tsx";

const pageSize = 50;

/** A model's versions, the newest first; some of them can be compared. */
export function ModelVersions({ model }: { model: Model }) {
  const { page = 1 } = useSearch({ from: "/models/$name" });
  const navigate = useNavigate({ from: "/models/$name" });
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const { data, error } = useQuery({
    queryKey: ["model", model.id, "versions", "page", page],
    queryFn: ({ signal }) => hub.models.versions(model.id, { page, pageSize, signal }),
    meta: { topics: ["models"] },
    placeholderData: keepPreviousData,
  });
  return (
    <Section title="Versions">
      {error !== null && <ErrorNotice error={error} />}
      {data?.total === 0 && (
        <EmptyState
          title="No version yet"
          action={
            <Anchor inherit href={`#/training?model=${encodeURIComponent(model.name)}`}>
              Train one
            </Anchor>
          }
        />
      )}
      {data !== undefined && data.total > 0 && (
        <Stack gap="xs">
          {data.total > 1 && (
            <Group gap="xs">
              <Button
                size="compact-sm"
                variant="default"
                disabled={chosen.length < 2}
                onClick={() =>
                  location.assign(compareAddress(chosen.map((version) => `${model.name}:${version}`)))
                }
              >
                Compare {chosen.length < 2 ? "versions" : `${chosen.length} versions`}
              </Button>
              {chosen.length < 2 && (
                <Text size="sm" c="dimmed">
                  Tick two or more of them.
                </Text>
              )}
            </Group>
          )}
          <TitledTable
            label="Versions"
            titles={["Compare", "Version", "State", "Base", "Aliases", "Accuracy", "Made"]}
            minWidth={640}
            highlightOnHover
          >
            {data.items.map((version) => (
              <VersionRow
                key={version.id}
                version={version}
                chosen={chosen.includes(version.version)}
                full={chosen.length >= mostVersions}
                choose={(checked) =>
                  setChosen((known) =>
                    checked
                      ? [...known, version.version]
                      : known.filter((number) => number !== version.version),
                  )
                }
              />
            ))}
          </TitledTable>
          <Pages
            total={Math.ceil(data.total / pageSize)}
            value={page}
            onChange={(next) =>
              void navigate({ search: (before) => ({ ...before, page: next }), resetScroll: false })
            }
          />
        </Stack>
      )}
    </Section>
  );
}

interface VersionRowProps {
  version: ModelVersion;
  chosen: boolean;
  /** No more can be chosen. */
  full: boolean;
  choose: (checked: boolean) => void;
}

function VersionRow({ version, chosen, full, choose }: VersionRowProps) {
  const reference = `${version.model}:${version.version}`;
  const accuracy = version.metrics["accuracy"];
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox
          aria-label={`Compare ${reference}`}
          checked={chosen}
          disabled={full && !chosen}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        <Anchor inherit href={versionAddress(version.model, version.version)}>
          {reference}
        </Anchor>
      </Table.Td>
      <Table.Td>
        <StatusBadge status={version.status} />
      </Table.Td>
      <Table.Td style={{ overflowWrap: "anywhere" }}>
        {version.lineage.base?.reference ?? version.kind}
      </Table.Td>
      <Table.Td>
        <Group gap={4}>
          {version.aliases.map((alias) => (
            <Badge key={alias} variant="outline" tt="none">
              @{alias}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td>{accuracy === undefined ? "–" : formatMetric(accuracy)}</Table.Td>
      <Table.Td>
        <Age at={version.created_at} />
      </Table.Td>
    </Table.Tr>
  );
}
