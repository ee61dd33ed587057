import { Table, Text, Title } from "@mantine/core";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { TitledTable } from "../../../components/titled-table.tsx";
import { difference, type ComparedFact, type ComparedPart } from "./differences.ts";

export interface ComparedTableProps {
  part: ComparedPart;
  versions: readonly ModelVersion[];
  onlyDifferent: boolean;
}

/** One part of a comparison, a column for each version, and what lies between two numbers. */
export function ComparedTable({ part, versions, onlyDifferent }: ComparedTableProps) {
  const facts = onlyDifferent ? part.facts.filter(({ differs }) => differs) : part.facts;
  const withDifference = facts.some((fact) => difference(fact) !== null);
  return (
    <section aria-label={part.title}>
      <Title order={3} size="h5">
        {part.title}
      </Title>
      {facts.length === 0 ? (
        <Text c="dimmed" size="sm">
          All of it is equal.
        </Text>
      ) : (
        <TitledTable
          label={part.title}
          titles={[
            "Name",
            ...versions.map(({ model, version }) => `${model}:${version}`),
            ...(withDifference ? ["Difference"] : []),
          ]}
          minWidth={160 + 150 * versions.length}
          layout="fixed"
          highlightOnHover
        >
          {facts.map((fact) => (
            <Fact key={fact.name} fact={fact} withDifference={withDifference} />
          ))}
        </TitledTable>
      )}
    </section>
  );
}

function Fact({ fact, withDifference }: { fact: ComparedFact; withDifference: boolean }) {
  const between = difference(fact);
  return (
    <Table.Tr fw={fact.differs ? 600 : 400} data-differs={fact.differs}>
      <Table.Td style={{ overflowWrap: "anywhere" }}>{fact.name}</Table.Td>
      {fact.values.map((value, index) => (
        // The versions keep their order: there is nothing else to tell the cells by.
        <Table.Td key={index} style={{ overflowWrap: "anywhere" }}>
          {value === undefined ? "–" : fact.shown(value)}
        </Table.Td>
      ))}
      {withDifference && (
        <Table.Td>
          {between === null ? "" : `${between > 0 ? "+" : "−"}${shownSize(fact, Math.abs(between))}`}
        </Table.Td>
      )}
    </Table.Tr>
  );
}

function shownSize({ shown }: ComparedFact, size: number): string {
  // 0.3 − 0.1 is not to be 0.19999999999999998.
  return shown(Number(size.toPrecision(6)));
}
