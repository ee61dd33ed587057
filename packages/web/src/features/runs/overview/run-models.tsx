import { Anchor, Group, Stack, Text } from "@mantine/core";
import type { RunLineage, RunModel, RunVersion } from "@hearth/wire/hub/run-details";
import { Section } from "../../../components/section.tsx";
import { StatusBadge } from "../../../components/status-badge.tsx";
import { versionAddress } from "../../../routing/addresses.ts";

/** Versions and logged models that a run has read, measured or made. */
export function RunModels({ lineage: { models, versions, evaluated } }: { lineage: RunLineage }) {
  if (models.length === 0 && versions.length === 0 && evaluated === null) return null;
  return (
    <Section title="Models">
      <Stack gap={6}>
        {evaluated !== null && <VersionLine what="measured" version={evaluated} />}
        {versions.map((version) => (
          <VersionLine
            key={`${version.model}:${version.version}`}
            what="made the version"
            version={version}
          />
        ))}
        {models.map((model) => (
          <ModelLine key={`${model.direction} ${model.id}`} model={model} />
        ))}
      </Stack>
    </Section>
  );
}

function VersionLine({ what, version }: { what: string; version: RunVersion }) {
  return (
    <Group gap="xs">
      <Text c="dimmed">{what}</Text>
      <Anchor href={versionAddress(version.model, version.version)} style={{ overflowWrap: "anywhere" }}>
        {version.model}:{version.version}
      </Anchor>
      <StatusBadge status={version.status} />
    </Group>
  );
}

function ModelLine({ model }: { model: RunModel }) {
  return (
    <Group gap="xs">
      <Text c="dimmed">{model.direction === "output" ? "logged" : "read"}</Text>
      <Text title={model.id} style={{ overflowWrap: "anywhere" }}>
        {model.name ?? model.id}
      </Text>
      {model.name === null && <Text c="dimmed">(not in this hub)</Text>}
      {model.model_type !== null && model.model_type !== "" && <Text c="dimmed">{model.model_type}</Text>}
      {model.step !== null && model.step !== 0 && <Text c="dimmed">at step {model.step}</Text>}
      {model.status !== null && <StatusBadge status={model.status} />}
    </Group>
  );
}
