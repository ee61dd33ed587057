import { Stack, Table, Title } from "@mantine/core";
import type { ProviderStatus } from "@hearth/wire/hub/status";

/** Other servers that this hub answers with, and how they do; nothing where there are none. */
export function Providers({ providers }: { providers: readonly ProviderStatus[] }) {
  if (providers.length === 0) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        Other servers
      </Title>
      <Table.ScrollContainer minWidth={620}>
        <Table>
          <Table.Thead>
            <Table.Tr>
              {["Provider", "Server", "State", "Active", "Answered", "Failed", "Last error"].map((label) => (
                <Table.Th key={label}>{label}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {providers.flatMap(({ name, servers }) =>
              servers.map((server) => (
                <Table.Tr key={`${name} ${server.url}`}>
                  <Table.Td>{name}</Table.Td>
                  <Table.Td>{server.url}</Table.Td>
                  <Table.Td>{server.state}</Table.Td>
                  <Table.Td>
                    {server.active} of {server.concurrency}
                  </Table.Td>
                  <Table.Td>{server.requests.ok}</Table.Td>
                  <Table.Td>{server.requests.failed}</Table.Td>
                  <Table.Td>{server.error ?? "–"}</Table.Td>
                </Table.Tr>
              )),
            )}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
