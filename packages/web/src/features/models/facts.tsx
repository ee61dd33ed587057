import { Table } from "@mantine/core";

/** Names and values, as somebody else wrote them. */
export function Facts({ label, values }: { label: string; values: Record<string, unknown> }) {
  return (
    <Table aria-label={label}>
      <Table.Tbody>
        {Object.entries(values).map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={500} style={{ overflowWrap: "anywhere" }} w="25%" miw={110}>
              {name}
            </Table.Th>
            <Table.Td style={{ overflowWrap: "anywhere" }}>
              {typeof value === "string" ? value : JSON.stringify(value)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
