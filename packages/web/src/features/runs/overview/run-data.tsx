import { Anchor, Badge, Code, Group, Paper, Stack, Text } from "@mantine/core";
import type { RunDataset } from "@hearth/wire/hub/run-details";
import { Section } from "../../../components/section.tsx";
import { datasetAddress } from "../../../routing/addresses.ts";
import { LongText } from "./long-text.tsx";

/** Data that a run has read; what is registered in this hub is a link. */
export function RunData({ datasets }: { datasets: readonly RunDataset[] }) {
  if (datasets.length === 0) return null;
  return (
    <Section title="Data">
      <Stack gap="xs">
        {datasets.map((dataset) => (
          <DatasetCard key={`${dataset.name} ${dataset.digest} ${dataset.source_type}`} dataset={dataset} />
        ))}
      </Stack>
    </Section>
  );
}

function DatasetCard({ dataset }: { dataset: RunDataset }) {
  return (
    <Paper withBorder p="xs">
      <Group gap="xs">
        {dataset.dataset_id === null ? (
          <Text fw={600} style={{ overflowWrap: "anywhere" }}>
            {dataset.name}
          </Text>
        ) : (
          <Anchor fw={600} href={datasetAddress(dataset.dataset_id)} style={{ overflowWrap: "anywhere" }}>
            {dataset.name}
          </Anchor>
        )}
        {dataset.context !== null && (
          <Badge variant="outline" color="gray" size="sm" tt="none">
            {dataset.context}
          </Badge>
        )}
        <Code title={dataset.digest}>{dataset.digest.slice(0, 16)}</Code>
      </Group>
      {dataset.source !== null && (
        <Text size="sm" c="dimmed" component="div">
          {dataset.source_type}: <LongText text={dataset.source} />
        </Text>
      )}
      {dataset.schema !== null && dataset.schema !== "" && (
        <Text size="sm" c="dimmed" component="div">
          Schema: <LongText text={dataset.schema} ff="monospace" />
        </Text>
      )}
    </Paper>
  );
}
