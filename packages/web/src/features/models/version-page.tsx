import { Alert, Anchor, Badge, Group, Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { hub } from "../../hub/hub.ts";
import { modelAddress } from "../../routing/addresses.ts";
import { CopyText } from "../../components/copy-text.tsx";
import { Facts } from "./facts.tsx";
import { LineageGraph } from "./lineage-graph.tsx";
import { madeWith } from "./made-with.ts";
import { VersionMemory } from "./memory-plan.tsx";
import { VersionActions } from "./version-actions.tsx";
import { VersionAliases } from "./version-aliases.tsx";
import { VersionEvaluations } from "./version-evaluations.tsx";
import { VersionReproductions } from "./version-reproductions.tsx";
import { VersionFiles } from "./version-files.tsx";

/** One version: where it comes from, what it is, how well it answers. */
export function VersionPage() {
  const params = useParams({ from: "/models/$name/versions/$version" });
  const { data, error } = useQuery({
    queryKey: ["version", params.name, params.version],
    queryFn: async ({ signal }) => {
      const [model, version, health] = await Promise.all([
        hub.models.get(params.name, { signal }),
        hub.models.version(params.name, Number(params.version), { signal }),
        hub.health({ signal }),
      ]);
      return { model, version, engines: health.engines };
    },
    meta: { topics: ["models", "serving"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton height={300} />;
  const { model, version, engines } = data;
  const reference = `${model.name}:${version.version}`;
  const engine = engines.find(({ base }) => base === (version.lineage.base?.reference ?? reference));
  return (
    <>
      <PageHeader
        title={reference}
        description={
          <Group gap="xs">
            <Anchor href={modelAddress(model.name)}>{model.name}</Anchor>
            <StatusBadge status={version.status} />
            <Text span>{version.kind}</Text>
            {version.aliases.map((alias) => (
              <Badge key={alias} variant="outline" tt="none">
                @{alias}
              </Badge>
            ))}
            <Text span>
              made <Age at={version.created_at} />
            </Text>
            <Text span>{engine === undefined ? "not loaded" : "weights loaded"}</Text>
          </Group>
        }
      >
        <VersionActions
          model={model}
          version={version}
          loaded={engine !== undefined}
          pinned={engine?.pinned ?? model.serving.pinned}
        />
      </PageHeader>
      <Stack gap="xl">
        {version.error !== null && (
          <Alert color="red" title={version.error.code}>
            {version.error.message}
          </Alert>
        )}
        <Section title="Lineage">
          <LineageGraph model={model} version={version} />
        </Section>
        <VersionAliases version={version} />
        <VersionEvaluations version={version} />
        {version.lineage.job_id !== null && <VersionReproductions version={version} />}
        {version.status === "ready" && version.artifact_path !== null && (
          <Section title="Memory">
            <VersionMemory model={model.name} version={version.version} />
          </Section>
        )}
        {version.summary !== null && (
          <Section title="What the file says">
            <Facts label="Summary of the file" values={version.summary} />
          </Section>
        )}
        <VersionFiles version={version} />
        {version.lineage.recipe !== null && (
          <Section title="Recipe">
            <Facts label="Recipe" values={version.lineage.recipe} />
          </Section>
        )}
        {version.lineage.job_id !== null && (
          <Section title="Made from and with">
            <Facts label="Made from and with" values={madeWith(version)} />
          </Section>
        )}
        {Object.keys(version.lineage.environment).length > 0 && (
          <Section title="Environment">
            <Facts label="Environment" values={version.lineage.environment} />
          </Section>
        )}
        <Section title="Ask it with OpenAI's client">
          <CopyText block label="example" text={snippet(reference)} />
        </Section>
      </Stack>
    </>
  );
}

function snippet(reference: string): string {
  return `from openai import OpenAI

client = OpenAI(base_url=${JSON.stringify(`${location.origin}/v1`)}, api_key="unused")
answer = client.chat.completions.create(
    model=${JSON.stringify(reference)},
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`;
}
