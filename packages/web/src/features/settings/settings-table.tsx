import { Code, Table } from "@mantine/core";
import { TitledTable } from "../../components/titled-table.tsx";
import type { SettingRow } from "./setting-rows.ts";

/** Settings with their values and what sets them. */
export function SettingsTable({ label, rows }: { label: string; rows: readonly SettingRow[] }) {
  return (
    <TitledTable label={label} titles={["Setting", "Value", "Set by"]} minWidth={520} layout="fixed">
      {rows.map(({ name, value, variable }) => (
        <Table.Tr key={name}>
          <Table.Th scope="row" fw={400}>
            {name}
          </Table.Th>
          <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
          <Table.Td style={{ overflowWrap: "anywhere" }}>
            {variable === null ? "Home" : <Code>{variable}</Code>}
          </Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}
