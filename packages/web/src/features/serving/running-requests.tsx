import { Button, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";
import { hub } from "../../hub/hub.ts";

/** Who is being answered right now; cancelling tells the client so. */
export function RunningRequests() {
  const queries = useQueryClient();
  const { data, error } = useQuery({
    queryKey: ["serving", "requests"],
    queryFn: ({ signal }) => hub.serving.requests({ signal }),
    meta: { topics: ["serving", "machine"] },
  });
  const cancel = useMutation({
    mutationFn: (traceId: string) => hub.serving.cancel(traceId),
    onSettled: () => queries.invalidateQueries({ queryKey: ["serving", "requests"] }),
  });
  const failed = error ?? cancel.error;
  return (
    <Section title="Requests right now">
      {failed !== null && <ErrorNotice error={failed} />}
      {data?.length === 0 && (
        <Text c="dimmed" size="sm">
          Nobody is being answered.
        </Text>
      )}
      {data !== undefined && data.length > 0 && (
        <TitledTable
          label="Requests"
          titles={["Model", "Endpoint", "State", "Tokens", "Since", "Actions"]}
          minWidth={560}
        >
          {data.map((request) => (
            <Table.Tr key={request.trace_id}>
              <Table.Td>{request.model}</Table.Td>
              <Table.Td>{request.endpoint}</Table.Td>
              <Table.Td>{request.state}</Table.Td>
              <Table.Td>{request.completion_tokens}</Table.Td>
              <Table.Td>
                <Age at={request.started_at} />
              </Table.Td>
              <Table.Td>
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`cancel the request to ${request.model}`}
                  onClick={() => cancel.mutate(request.trace_id)}
                >
                  cancel
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
    </Section>
  );
}
