import { Button, Stack, Table, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
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
    <Stack gap="xs">
      <Title order={2} size="h4">
        Requests right now
      </Title>
      {failed !== null && <ErrorNotice error={failed} />}
      {data?.length === 0 && (
        <Text c="dimmed" size="sm">
          Nobody is being answered.
        </Text>
      )}
      {data !== undefined && data.length > 0 && (
        <Table.ScrollContainer minWidth={560}>
          <Table>
            <Table.Thead>
              <Table.Tr>
                {["Model", "Endpoint", "State", "Tokens", "Since", "Actions"].map((label) => (
                  <Table.Th key={label}>{label}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
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
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Stack>
  );
}
