import { Button, Table, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { formatCount } from "../../../components/format.ts";
import { LongText } from "./long-text.tsx";

/** `layer.2` comes before `layer.10`. */
const order = new Intl.Collator("en", { numeric: true });

/** A table is drawn whole up to here. */
const firstShown = 200;

export interface Pair {
  key: string;
  value: string;
}

export interface PairTableProps {
  title: string;
  pairs: readonly Pair[];
  /** Part of a key or a value, in any case; empty for all. */
  find: string;
  /** What is said when there are none. */
  none: string;
  /** Beside a value. */
  extra?: (pair: Pair) => ReactNode;
}

/** Keys and values as somebody logged them, by key. */
export function PairTable({ title, pairs, find, none, extra }: PairTableProps) {
  const [all, setAll] = useState(false);
  if (pairs.length === 0) return <Text c="dimmed">{none}</Text>;
  const wanted = find.toLowerCase();
  const found = pairs
    .filter(({ key, value }) => key.toLowerCase().includes(wanted) || value.toLowerCase().includes(wanted))
    .toSorted((a, b) => order.compare(a.key, b.key));
  const shown = all ? found : found.slice(0, firstShown);
  return (
    <>
      {find !== "" && (
        <Text size="sm" c="dimmed" role="status">
          {formatCount(found.length)} of {formatCount(pairs.length)} match
        </Text>
      )}
      {found.length > 0 && (
        <Table layout="fixed" aria-label={title} verticalSpacing={6}>
          <Table.Tbody>
            {shown.map((pair) => (
              <Table.Tr key={pair.key}>
                <Table.Th
                  scope="row"
                  w="40%"
                  fw={500}
                  style={{ overflowWrap: "anywhere", verticalAlign: "top" }}
                >
                  {pair.key}
                </Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere", verticalAlign: "top" }}>
                  <LongText text={pair.value} />
                </Table.Td>
                {extra !== undefined && (
                  <Table.Td w={90} ta="right">
                    {extra(pair)}
                  </Table.Td>
                )}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {shown.length < found.length && (
        <Button variant="light" size="compact-sm" mt="xs" onClick={() => setAll(true)}>
          Show all {formatCount(found.length)}
        </Button>
      )}
    </>
  );
}
