import { Code, Table, Text } from "@mantine/core";
import type { Dataset } from "@hearth/wire/hub/datasets";
import { formatBytes } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";

/** The files that a dataset was made from, which of their columns, and how its rows were divided. */
export function DatasetOriginView({ dataset: { sources, mapping, division } }: { dataset: Dataset }) {
  if (sources.length === 0) return null;
  return (
    <Section title="Made from">
      <TitledTable label="Made from" titles={["File", "Form", "Size", "sha256"]} minWidth={480}>
        {sources.map((source) => (
          <Table.Tr key={source.file}>
            <Table.Th scope="row">{source.file}</Table.Th>
            <Table.Td>{source.format}</Table.Td>
            <Table.Td>{formatBytes(source.bytes)}</Table.Td>
            <Table.Td>
              <Code style={{ overflowWrap: "anywhere" }}>{source.sha256}</Code>
            </Table.Td>
          </Table.Tr>
        ))}
      </TitledTable>
      {mapping !== null && <Text size="sm">Columns: {pairs(mapping)}</Text>}
      {division !== null && (
        <Text size="sm">
          Divided {pairs(division.ratios)} with seed {division.seed}
        </Text>
      )}
    </Section>
  );
}

function pairs(values: Record<string, string | number | undefined>): string {
  return Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join(", ");
}
