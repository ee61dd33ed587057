import { List, Table, Text } from "@mantine/core";
import type { DatasetStatistics } from "@hearth/wire/hub/datasets";
import { formatCount } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";

/** Rows that come again in their split, and rows to judge by that training knows. */
export function DatasetRepeats({ statistics: { duplicates, leakage } }: { statistics: DatasetStatistics }) {
  const examples = [...duplicates.examples, ...leakage.flatMap((leak) => leak.examples)];
  return (
    <Section title="Rows that come again">
      <Text size="sm">
        In their own split: {formatCount(duplicates.exact)} word for word, {formatCount(duplicates.near)} with
        other case, spaces or punctuation
      </Text>
      {leakage.length > 0 && (
        <TitledTable
          label="In the train split too"
          titles={["Split", "Rows in train too", "Prompts in train too"]}
          minWidth={320}
        >
          {leakage.map((leak) => (
            <Table.Tr key={leak.split}>
              <Table.Th scope="row">{leak.split}</Table.Th>
              <Table.Td>{formatCount(leak.rows)}</Table.Td>
              <Table.Td>{formatCount(leak.prompts)}</Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
      {examples.length > 0 && (
        <List size="sm" aria-label="Rows that come again">
          {examples.map(({ split, row, text }, index) => (
            <List.Item key={index} style={{ overflowWrap: "anywhere" }}>
              {split}, row {row}: {text}
            </List.Item>
          ))}
        </List>
      )}
    </Section>
  );
}
