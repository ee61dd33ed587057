import { Table } from "@mantine/core";
import type { Evaluation, LabelFigures } from "@hearth/wire/hub/evaluation";
import { formatMetric } from "../../components/format.ts";
import { TitledTable } from "../../components/titled-table.tsx";

/** What each label's answers are worth. */
export function EvaluationLabels({ labels }: { labels: readonly LabelFigures[] }) {
  if (labels.length === 0) return null;
  return (
    <TitledTable
      label="Labels"
      titles={["Label", "Precision", "Recall", "F1", "Expected", "Answered"]}
      minWidth={480}
    >
      {labels.map((one) => (
        <Table.Tr key={one.label}>
          <Table.Th scope="row" miw={110} style={{ overflowWrap: "anywhere" }}>
            {one.label}
          </Table.Th>
          <Table.Td>{shown(one.precision)}</Table.Td>
          <Table.Td>{shown(one.recall)}</Table.Td>
          <Table.Td>{shown(one.f1)}</Table.Td>
          <Table.Td>{one.expected}</Table.Td>
          <Table.Td>{one.answered}</Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}

/** What was answered instead of what. */
export function Confusion({ confusion }: { confusion: Evaluation["confusion"] }) {
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

function shown(value: number | null): string {
  return value === null ? "–" : formatMetric(value);
}
