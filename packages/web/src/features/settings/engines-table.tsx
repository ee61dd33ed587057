import { Table } from "@mantine/core";
import type { HubSettings } from "@hearth/wire/hub/settings";
import { TitledTable } from "../../components/titled-table.tsx";

/** What can run models here, and why another cannot. */
export function EnginesTable({ engines }: { engines: HubSettings["engines"] }) {
  return (
    <TitledTable label="Engines" titles={["Engine", "Here"]} minWidth={320}>
      {engines.map(({ name, available, reason }) => (
        <Table.Tr key={name}>
          <Table.Th scope="row">{name}</Table.Th>
          <Table.Td style={{ overflowWrap: "anywhere" }}>{available ? "available" : reason}</Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}
