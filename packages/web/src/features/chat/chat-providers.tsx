import { Code, Table, Text } from "@mantine/core";
import { hubProviderId, type ChatConfig } from "@hearth/wire/chat/config";
import { TitledTable } from "../../components/titled-table.tsx";

/** Who can answer in the chat; of keys only whether they are there, and where they are expected. */
export function ChatProviders({ config: { providers, settings } }: { config: ChatConfig }) {
  return (
    <TitledTable
      label="Providers of the chat"
      titles={["Provider", "Address", "Key", "Models"]}
      minWidth={560}
    >
      {providers.map((provider) => (
        <Table.Tr key={provider.id}>
          <Table.Th scope="row" style={{ overflowWrap: "anywhere" }}>
            {provider.name}
            {provider.id === (settings.defaultProviderId ?? hubProviderId) && (
              <Text span size="xs" c="dimmed">
                {" "}
                (usual)
              </Text>
            )}
          </Table.Th>
          <Table.Td style={{ overflowWrap: "anywhere" }}>
            {provider.baseURL ?? (provider.id === hubProviderId ? "this hub" : "its own")}
          </Table.Td>
          <Table.Td>
            <KeyState provider={provider} />
          </Table.Td>
          <Table.Td style={{ overflowWrap: "anywhere" }}>
            {provider.id === hubProviderId
              ? "those of the hub"
              : provider.models.map(({ id, name }) => name ?? id).join(", ") || "none"}
          </Table.Td>
        </Table.Tr>
      ))}
    </TitledTable>
  );
}

/** Where the two that are known by their ids have their keys, when nothing else is said. */
const usualPlaces: Record<string, string> = {
  openai: "${OPENAI_API_KEY}",
  anthropic: "${ANTHROPIC_API_KEY}",
};

function KeyState({ provider }: { provider: ChatConfig["providers"][number] }) {
  const { id, type, hasApiKey, keySource } = provider;
  const place = keySource ?? usualPlaces[type ?? id] ?? null;
  if (id === hubProviderId || (place === null && !hasApiKey)) return "not needed";
  return (
    <>
      {hasApiKey ? "key set" : "not set, expected in"} {place !== null && <Code>{place}</Code>}
    </>
  );
}
