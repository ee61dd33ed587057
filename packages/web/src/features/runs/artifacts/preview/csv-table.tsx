import { Box, Stack, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import Papa from "papaparse";
import { useMemo, useRef } from "react";
import { formatCount } from "../../../../components/format.ts";
import classes from "./csv-table.module.css";

const mostRows = 1_000;
const mostColumns = 200;
/** Longer cells are cut; the whole is in the title. */
const widestColumn = 40;
const rowHeight = 28;

export interface CsvTableProps {
  text: string;
  /** Whether the text is all of the file. */
  whole: boolean;
  delimiter: "," | "\t";
}

/** The first rows of a file of separated values. What looks like a formula is text like any other. */
export function CsvTable({ text, whole, delimiter }: CsvTableProps) {
  const { head, rows, more } = useMemo(() => read(text, whole, delimiter), [text, whole, delimiter]);
  const place = useRef<HTMLDivElement>(null);
  // Its functions are used here only, and nothing is memoised by them.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 15,
  });
  const items = virtual.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const columns = head.slice(0, mostColumns);
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed" role="status">
        {more ? `The first ${formatCount(rows.length)} rows` : `${formatCount(rows.length)} rows`}
        {`, ${formatCount(head.length)} columns`}
        {head.length > mostColumns && `; the first ${mostColumns} are shown`}
      </Text>
      <Box ref={place} className={classes["place"]} tabIndex={0} role="group" aria-label="Table of the file">
        <table className={classes["table"]} aria-rowcount={more ? -1 : rows.length + 1}>
          <thead>
            <tr>
              {columns.map((title, column) => (
                <th
                  key={column}
                  scope="col"
                  style={{ width: `${widthOf(column, head, rows)}ch` }}
                  title={title}
                >
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Space height={above} />
            {items.map(({ index }) => (
              <tr key={index} aria-rowindex={index + 2} style={{ height: rowHeight }}>
                {columns.map((_, column) => (
                  <td key={column} title={rows[index]?.[column]}>
                    {rows[index]?.[column]}
                  </td>
                ))}
              </tr>
            ))}
            <Space height={below} />
          </tbody>
        </table>
      </Box>
    </Stack>
  );
}

/** Stands for the rows that are not drawn. */
function Space({ height }: { height: number }) {
  return height > 0 ? <tr aria-hidden style={{ height }} /> : null;
}

function read(text: string, whole: boolean, delimiter: string) {
  const { data } = Papa.parse<string[]>(text, { delimiter, preview: mostRows + 2, skipEmptyLines: true });
  // Where the file is cut its last row is, too.
  const complete = whole || data.length === mostRows + 2 ? data : data.slice(0, -1);
  const [head = [], ...rows] = complete;
  return { head, rows: rows.slice(0, mostRows), more: !whole || rows.length > mostRows };
}

function widthOf(column: number, head: readonly string[], rows: readonly string[][]): number {
  const lengths = rows.slice(0, 100).map((row) => row[column]?.length ?? 0);
  return Math.min(widestColumn, Math.max(6, head[column]?.length ?? 0, ...lengths)) + 3;
}
