import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";

/** What can be asked, by the name it is asked with */
export function ModelsPage() {
  const { data, error } = useQuery({
    queryKey: ["models"],
    queryFn: ({ signal }) => hub.models.list({ signal }),
    meta: { topics: ["models"] },
  });
  return (
    <>
      <PageHeader title="Models" description="What can be asked, by the name it is asked with" />
      {error !== null && <ErrorNotice error={error} />}
      {data?.items.length === 0 && <EmptyState title="Nothing here yet" />}
      {data !== undefined && data.items.length > 0 && (
        <Table.ScrollContainer minWidth={500}>
          <Table highlightOnHover>
            <Table.Tbody>
              {data.items.map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td>{item.name}</Table.Td>
                  <Table.Td>{item.task_type}</Table.Td>
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
