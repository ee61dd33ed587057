import { Anchor, Table } from "@mantine/core";
import type { Dataset } from "@hearth/wire/hub/datasets";
import { Age } from "../../components/age.tsx";
import { formatCount } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";

/** All versions, the newest first, and how many rows each has more than the one before it. */
export function DatasetVersionsView({
  versions,
  current,
}: {
  versions: readonly Dataset[];
  current: Dataset;
}) {
  return (
    <Section title="Versions">
      <TitledTable label="Versions" titles={["Version", "Rows", "Change", "Added"]} minWidth={320}>
        {versions.map((one, index) => (
          <Table.Tr key={one.id}>
            <Table.Th scope="row">
              <Anchor
                href={`#/datasets/${one.name}:${one.version}`}
                aria-current={one.id === current.id ? "page" : undefined}
              >
                version {one.version}
              </Anchor>
            </Table.Th>
            <Table.Td>{formatCount(one.rows)}</Table.Td>
            <Table.Td>{change(one, versions[index + 1])}</Table.Td>
            <Table.Td>
              <Age at={one.created_at} />
            </Table.Td>
          </Table.Tr>
        ))}
      </TitledTable>
    </Section>
  );
}

function change(one: Dataset, before: Dataset | undefined): string {
  if (before === undefined) return "–";
  const rows = one.rows - before.rows;
  return `${rows > 0 ? "+" : rows < 0 ? "−" : ""}${formatCount(Math.abs(rows))}`;
}
