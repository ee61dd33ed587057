import { Table } from "@mantine/core";
import type { ReactNode } from "react";
import { Section } from "../../../components/section.tsx";

/** A name and what is known under it; undefined, null and false are not shown. */
export type Fact = readonly [name: string, value: ReactNode];

/** Facts under a heading; nothing at all when there are none. */
export function FactList({ title, facts }: { title: string; facts: readonly Fact[] }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== null && value !== false);
  if (known.length === 0) return null;
  return (
    <Section title={title}>
      <Table layout="fixed" aria-label={title} withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {known.map(([name, value]) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" w={130} fw={500} c="dimmed" style={{ verticalAlign: "top" }}>
                {name}
              </Table.Th>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}
