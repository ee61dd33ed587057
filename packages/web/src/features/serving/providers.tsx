import { Table } from "@mantine/core";
import type { ProviderStatus } from "@hearth/wire/hub/status";
import { Section } from "../../components/section.tsx";
import { TitledTable } from "../../components/titled-table.tsx";

/** Other servers that this hub answers with, and how they do; nothing where there are none. */
export function Providers({ providers }: { providers: readonly ProviderStatus[] }) {
  if (providers.length === 0) return null;
  return (
    <Section title="Other servers">
      <TitledTable
        label="Other servers"
        titles={["Provider", "Server", "State", "Active", "Answered", "Failed", "Last error"]}
        minWidth={620}
      >
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
      </TitledTable>
    </Section>
  );
}
