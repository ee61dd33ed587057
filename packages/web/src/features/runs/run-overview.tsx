import { Stack, Table, Text } from "@mantine/core";
import type { Run } from "@hearth/wire/hub/tracking";
import { Section } from "../../components/section.tsx";
import { formatMetric } from "../../components/format.ts";

/** Parameters, last metrics and tags of a run. */
export function RunOverview({ run }: { run: Run }) {
  const metrics = Object.entries(run.metrics).map(([key, value]) => [key, formatMetric(value)] as const);
  return (
    <Stack gap="lg">
      <Pairs title="Parameters" pairs={Object.entries(run.params)} />
      <Pairs title="Metrics" pairs={metrics} />
      <Pairs title="Tags" pairs={Object.entries(run.tags)} />
    </Stack>
  );
}

function Pairs({ title, pairs }: { title: string; pairs: readonly (readonly [string, string])[] }) {
  return (
    <Section title={title}>
      {pairs.length === 0 && <Text c="dimmed">None were logged.</Text>}
      {pairs.length > 0 && (
        <Table layout="fixed" aria-label={title}>
          <Table.Tbody>
            {pairs.toSorted(byKey).map(([key, value]) => (
              <Table.Tr key={key}>
                <Table.Th style={{ overflowWrap: "anywhere" }}>{key}</Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Section>
  );
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}
