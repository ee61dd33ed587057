import { Table, type TableProps } from "@mantine/core";
import type { ReactNode } from "react";

export interface TitledTableProps extends Omit<TableProps, "children"> {
  /** What it is called by assistive technology. */
  label: string;
  /** Of the columns, in their order. */
  titles: readonly string[];
  /** px; a narrower screen scrolls the table, never the page. */
  minWidth: number;
  /** `Table.Tr` elements. */
  children: ReactNode;
}

/** A table with a head. */
export function TitledTable({ label, titles, minWidth, children, ...table }: TitledTableProps) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      // What scrolls must be reachable by keyboard, also where nothing in it can be clicked.
      scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
    >
      <Table aria-label={label} {...table}>
        <Table.Thead>
          <Table.Tr>
            {titles.map((title) => (
              <Table.Th key={title}>{title}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
