import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";

/** What models are trained and judged on */
export function DatasetsPage() {
  const { data, error } = useQuery({
    queryKey: ["datasets"],
    queryFn: ({ signal }) => hub.datasets.list({ signal }),
    meta: { topics: ["datasets"] },
  });
  return (
    <>
      <PageHeader title="Datasets" description="What models are trained and judged on" />
      {error !== null && <ErrorNotice error={error} />}
      {data?.items.length === 0 && <EmptyState title="Nothing here yet" />}
      {data !== undefined && data.items.length > 0 && (
        <Table.ScrollContainer minWidth={500}>
          <Table highlightOnHover>
            <Table.Tbody>
              {data.items.map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td>{item.name}</Table.Td>
                  <Table.Td>{item.rows}</Table.Td>
                  <Table.Td>
                    <Age at={item.created_at} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </>
  );
}
