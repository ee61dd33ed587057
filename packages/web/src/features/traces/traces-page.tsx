import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { hub } from "../../hub/hub.ts";

/** Every answer, with what it came from */
export function TracesPage() {
  const { data, error } = useQuery({
    queryKey: ["traces"],
    queryFn: ({ signal }) => hub.traces.list({ signal }),
    meta: { topics: ["traces"] },
  });
  return (
    <>
      <PageHeader title="Traces" description="Every answer, with what it came from" />
      {error !== null && <ErrorNotice error={error} />}
      {data?.items.length === 0 && <EmptyState title="Nothing here yet" />}
      {data !== undefined && data.items.length > 0 && (
        <Table.ScrollContainer minWidth={500}>
          <Table highlightOnHover>
            <Table.Tbody>
              {data.items.map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td>{item.model}</Table.Td>
                  <Table.Td>
                    <StatusBadge status={item.status} />
                  </Table.Td>
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
