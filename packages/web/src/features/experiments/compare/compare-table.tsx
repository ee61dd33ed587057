import { Table, Text } from "@mantine/core";
import type { Run } from "@hearth/wire/hub/tracking";
import { comparedRows } from "./differences.ts";

export interface CompareTableProps {
  runs: readonly Run[];
  kind: "params" | "metrics" | "tags";
  title: string;
  hideEqual: boolean;
}

/** One kind of what runs say, a column for each run. */
export function CompareTable({ runs, kind, title, hideEqual }: CompareTableProps) {
  const all = comparedRows(runs, kind);
  const rows = hideEqual ? all.filter((row) => row.differs) : all;
  if (rows.length === 0) return <Text c="dimmed">{all.length === 0 ? "None." : "All are equal."}</Text>;
  return (
    <Table.ScrollContainer minWidth={160 + 130 * runs.length}>
      <Table highlightOnHover aria-label={title}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{title}</Table.Th>
            {runs.map((run) => (
              <Table.Th key={run.id}>{run.name}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.key} fw={row.differs ? 600 : 400}>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{row.key}</Table.Td>
              {row.values.map((value, index) => (
                <Table.Td key={runs[index]?.id} style={{ overflowWrap: "anywhere" }}>
                  {value ?? "–"}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
