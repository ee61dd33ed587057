import { Anchor, Group, Paper, Table, Text } from "@mantine/core";
import type { Evaluation } from "@hearth/wire/hub/evaluation";
import { Age } from "../../components/age.tsx";
import { formatMetric } from "../../components/format.ts";
import { TitledTable } from "../../components/titled-table.tsx";
import { datasetAddress } from "../../routing/addresses.ts";

/** Figures of one evaluation, what was answered instead of what, and some answers. */
export function EvaluationResult({ evaluation, dataset }: { evaluation: Evaluation; dataset: string }) {
  return (
    <Paper withBorder p="md">
      <Text size="sm" mb="xs">
        <Anchor underline="always" href={datasetAddress(evaluation.dataset_id)}>
          {dataset}
        </Anchor>
        , {evaluation.split}, {evaluation.rows} rows, <Age at={evaluation.created_at} />
      </Text>
      <Group gap="xl" mb="md">
        {Object.entries(evaluation.metrics).map(([name, value]) => (
          <div key={name}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            <Text fw={600}>{formatMetric(value)}</Text>
          </div>
        ))}
      </Group>
      <Confusion confusion={evaluation.confusion} />
      {evaluation.examples.length > 0 && (
        <TitledTable label="Examples" titles={["Row", "Expected", "Answered"]} minWidth={400}>
          {evaluation.examples.slice(0, 20).map((example) => (
            <Table.Tr key={example.row}>
              <Table.Td>{example.row}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{example.expected}</Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{example.answer}</Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
    </Paper>
  );
}

function Confusion({ confusion }: { confusion: Evaluation["confusion"] }) {
  const expected = Object.keys(confusion);
  if (expected.length === 0) return null;
  const answered = [
    ...new Set([...expected, ...Object.values(confusion).flatMap((row) => Object.keys(row))]),
  ];
  return (
    <Table.ScrollContainer minWidth={300}>
      <Table withColumnBorders w="auto" mb="md" aria-label="Confusion matrix">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Expected \ answered</Table.Th>
            {answered.map((label) => (
              <Table.Th key={label}>{label}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {expected.map((label) => (
            <Table.Tr key={label}>
              <Table.Th scope="row">{label}</Table.Th>
              {answered.map((answer) => (
                <Table.Td key={answer} fw={answer === label ? 700 : 400}>
                  {confusion[label]?.[answer] ?? 0}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
