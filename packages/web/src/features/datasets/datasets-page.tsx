import { Anchor, Button, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatBytes, formatCount } from "../../components/format.ts";
import { PageHeader } from "../../components/page-header.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { datasetsQuery } from "../../hub/queries.ts";
import { AddDataset } from "./add-dataset.tsx";

/** What models are trained and judged on */
export function DatasetsPage() {
  const [adding, setAdding] = useState(false);
  const { data, error } = useQuery(datasetsQuery);
  return (
    <>
      <PageHeader title="Datasets" description="What models are trained and judged on">
        <Button aria-keyshortcuts="n" onClick={() => setAdding(true)}>
          Add a dataset
        </Button>
      </PageHeader>
      {adding && <AddDataset onClose={() => setAdding(false)} />}
      {error !== null && <ErrorNotice error={error} />}
      {data?.length === 0 && (
        <EmptyState title="No datasets yet">
          Add files of conversations, prompts with answers, or texts: one JSON object a line, or a table in
          CSV or Parquet.
        </EmptyState>
      )}
      {data !== undefined && data.length > 0 && (
        <TitledTable
          label="Datasets"
          titles={["Name", "Format", "Rows", "Size", "Labels", "Added"]}
          minWidth={560}
          highlightOnHover
        >
          {data.map((item) => (
            <Table.Tr key={item.id}>
              <Table.Td>
                <Anchor href={`#/datasets/${item.name}:${item.version}`}>
                  {item.name}:{item.version}
                </Anchor>
              </Table.Td>
              <Table.Td>{item.format}</Table.Td>
              <Table.Td>{formatCount(item.rows)}</Table.Td>
              <Table.Td>
                {formatBytes(Object.values(item.splits).reduce((sum, split) => sum + split.bytes, 0))}
              </Table.Td>
              <Table.Td>{item.labels.length === 0 ? "–" : item.labels.length}</Table.Td>
              <Table.Td>
                <Age at={item.created_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
    </>
  );
}
