import { Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Age } from "../../components/age.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { hub } from "../../hub/hub.ts";

/** Runs, the newest first */
export function ExperimentsPage() {
  const { data, error } = useQuery({
    queryKey: ["experiments"],
    queryFn: ({ signal }) => hub.runs.list({ signal }),
    meta: { topics: ["runs"] },
  });
  return (
    <>
      <PageHeader title="Experiments" description="Runs, the newest first" />
      {error !== null && <ErrorNotice error={error} />}
      {data?.items.length === 0 && <EmptyState title="Nothing here yet" />}
      {data !== undefined && data.items.length > 0 && (
        <Table.ScrollContainer minWidth={500}>
          <Table highlightOnHover>
            <Table.Tbody>
              {data.items.map((item) => (
                <Table.Tr key={item.id}>
                  <Table.Td>{item.name}</Table.Td>
                  <Table.Td>
                    <StatusBadge status={item.status} />
                  </Table.Td>
                  <Table.Td>
                    <Age at={item.started_at} />
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
