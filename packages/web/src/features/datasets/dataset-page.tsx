import { Button, Code, Group, Skeleton, Stack, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import type { Dataset } from "@hearth/wire/hub/datasets";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatBytes, formatCount } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";
import { DatasetActions } from "./dataset-actions.tsx";
import { DatasetOriginView } from "./dataset-origin.tsx";
import { DatasetVersionsView } from "./dataset-versions.tsx";
import { DatasetRowsPreview } from "./dataset-rows.tsx";
import { DatasetStatisticsView } from "./dataset-statistics.tsx";
import { DatasetUsesView } from "./dataset-uses.tsx";

/** One version of a data set: what is in it, and who used it. */
export function DatasetPage() {
  const { name } = useParams({ from: "/datasets/$name" });
  const { data, error } = useQuery({
    queryKey: ["dataset", name],
    queryFn: async ({ signal }) => {
      const [dataset, { items }] = await Promise.all([
        hub.datasets.get(name, { signal }),
        hub.datasets.versions(name, { signal }),
      ]);
      return { dataset, versions: items };
    },
    meta: { topics: ["datasets"] },
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (data === undefined) return <Skeleton height={300} />;
  const { dataset, versions } = data;
  const reference = `${dataset.name}:${dataset.version}`;
  return (
    <>
      <PageHeader
        title={reference}
        description={
          <Group gap="xs">
            <span>{dataset.format}</span>
            <span>{formatCount(dataset.rows)} rows</span>
            <span>
              added <Age at={dataset.created_at} />
            </span>
          </Group>
        }
      >
        <Button component="a" href={`#/training?dataset=${encodeURIComponent(dataset.name)}`}>
          Train on it
        </Button>
        <DatasetActions dataset={dataset} />
      </PageHeader>
      <Stack gap="xl">
        <Splits dataset={dataset} />
        <DatasetRowsPreview dataset={dataset} />
        <DatasetStatisticsView dataset={dataset} />
        <Section title="Schema">
          <Table aria-label="Schema">
            <Table.Tbody>
              {Object.entries(dataset.schema).map(([field, type]) => (
                <Table.Tr key={field}>
                  <Table.Th scope="row">{field}</Table.Th>
                  <Table.Td>{type}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Section>
        <DatasetOriginView dataset={dataset} />
        {versions.length > 1 && <DatasetVersionsView versions={versions} current={dataset} />}
        <DatasetUsesView dataset={dataset} />
      </Stack>
    </>
  );
}

function Splits({ dataset }: { dataset: Dataset }) {
  return (
    <Section title="Splits">
      <TitledTable label="Splits" titles={["Split", "Rows", "Size", "sha256"]} minWidth={480}>
        {Object.entries(dataset.splits).map(([name, split]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row">{name}</Table.Th>
            <Table.Td>{formatCount(split.rows)}</Table.Td>
            <Table.Td>{formatBytes(split.bytes)}</Table.Td>
            <Table.Td>
              <Code style={{ overflowWrap: "anywhere" }}>{split.sha256}</Code>
            </Table.Td>
          </Table.Tr>
        ))}
      </TitledTable>
    </Section>
  );
}
