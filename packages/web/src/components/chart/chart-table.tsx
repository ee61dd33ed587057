import { Group, NativeSelect, Stack, Table, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { formatCount } from "../format.ts";
import { TitledTable } from "../titled-table.tsx";
import { axisTitles, formatX } from "./axis-text.ts";
import { rowsOf, type RowOrder } from "./chart-rows.ts";
import type { ChartAxis, ChartRange, LineSeries } from "./series.ts";
import { Pages } from "../pages.tsx";

export interface ChartTableProps {
  label: string;
  series: readonly LineSeries[];
  range: ChartRange | null;
  axis: ChartAxis;
}

const pageSize = 100;
const orders: readonly { value: RowOrder; label: string }[] = [
  { value: "x", label: "In order" },
  { value: "largest", label: "Largest first" },
  { value: "smallest", label: "Smallest first" },
];

/** The points of a chart as a table: for whoever cannot see it, or wants the numbers. */
export function ChartTable({ label, series, range, axis }: ChartTableProps) {
  const [order, setOrder] = useState<RowOrder>("x");
  const [page, setPage] = useState(1);
  const rows = useMemo(() => rowsOf(series, range, order), [series, range, order]);
  const pages = Math.max(1, Math.ceil(rows.length / pageSize));
  const current = Math.min(page, pages);
  const several = series.length > 1;
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Text size="sm" c="dimmed">
          {formatCount(rows.length)} points
          {series.some(({ complete = true }) => !complete) && ": the extremes of spans"}
        </Text>
        <NativeSelect
          size="xs"
          aria-label={`Order of the points of ${label}`}
          data={[...orders]}
          value={order}
          onChange={(event) =>
            setOrder(orders.find(({ value }) => value === event.currentTarget.value)?.value ?? "x")
          }
        />
      </Group>
      <TitledTable
        label={`${label}, points`}
        titles={[...(several ? ["Series"] : []), axisTitles[axis], "Value"]}
        minWidth={280}
      >
        {rows.slice((current - 1) * pageSize, current * pageSize).map((row, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- points have no name: two may be equal
          <Table.Tr key={index}>
            {several && <Table.Td style={{ overflowWrap: "anywhere" }}>{row.label}</Table.Td>}
            <Table.Td>{formatX(row.x, axis)}</Table.Td>
            <Table.Td>{row.y === null ? "no finite number" : String(row.y)}</Table.Td>
          </Table.Tr>
        ))}
      </TitledTable>
      <Pages size="sm" total={pages} value={current} onChange={setPage} />
    </Stack>
  );
}
