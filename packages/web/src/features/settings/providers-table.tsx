import { Code, Table, Text } from "@mantine/core";
import type { HubSettings } from "@hearth/wire/hub/settings";
import { formatSeconds } from "../../components/format.ts";
import { TitledTable } from "../../components/titled-table.tsx";

/** Other servers that this hub may answer with; of their keys only whether they are set. */
export function ProvidersTable({ providers }: { providers: HubSettings["providers"] }) {
  if (providers.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        None: <Code>LLM_BASE_URL</Code>, or <Code>providers</Code> in config.json, names one.
      </Text>
    );
  }
  return (
    <TitledTable
      label="Other servers"
      titles={["Provider", "Addresses", "Key", "Together", "Patience"]}
      minWidth={560}
    >
      {providers.map((provider) => (
        <Table.Tr key={provider.name}>
          <Table.Th scope="row">{provider.name}</Table.Th>
          <Table.Td style={{ overflowWrap: "anywhere" }}>{provider.urls.join(", ")}</Table.Td>
          <Table.Td>
            {provider.key_set ? "set" : "not set"}
            {provider.key_variable !== null && (
              <>
                {" "}
                (<Code>{provider.key_variable}</Code>)
              </>
            )}
          </Table.Td>
          <Table.Td>{provider.concurrency}</Table.Td>
          <Table.Td>{formatSeconds(provider.timeout_ms / 1000)}</Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}
