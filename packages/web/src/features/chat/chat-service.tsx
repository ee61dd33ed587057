import { Button, Group, Stack, Table, Text } from "@mantine/core";
import type { ChatConfig } from "@hearth/wire/chat/config";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { TitledTable } from "../../components/titled-table.tsx";

export interface ChatServiceProps {
  service: ChatConfig["service"];
  reload: { mutate: () => void; isPending: boolean; error: Error | null };
}

const words: Record<ChatConfig["service"]["state"], string> = {
  off: "Switched off (HEARTH_CHAT=off).",
  idle: "Not started yet: the first turn starts it.",
  starting: "Being started.",
  up: "Running.",
  down: "Down.",
};

/** How the processes are that speak with providers, and a way to have new ones. */
export function ChatService({ service, reload }: ChatServiceProps) {
  const { state, error, retry_after, sidecars } = service;
  return (
    <Stack gap="sm" align="flex-start">
      <Text size="sm" role="status">
        {words[state]}
        {retry_after !== null && ` It is started again in ${retry_after} s.`}
      </Text>
      {state === "down" && error !== null && (
        <Text size="sm" style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {error}
        </Text>
      )}
      {sidecars.length > 0 && (
        <TitledTable
          label="Processes of the AI service"
          titles={["Process", "State", "Turns now", "Started again"]}
          minWidth={360}
          w="auto"
        >
          {sidecars.map((one, index) => (
            <Table.Tr key={index}>
              <Table.Th scope="row" className="figures">
                {one.pid ?? "none"}
              </Table.Th>
              <Table.Td>{one.state}</Table.Td>
              <Table.Td className="figures">{one.active}</Table.Td>
              <Table.Td className="figures">{one.restarts}</Table.Td>
            </Table.Tr>
          ))}
        </TitledTable>
      )}
      {reload.error !== null && <ErrorNotice error={reload.error} />}
      {state !== "off" && (
        <Group>
          <Button
            size="compact-md"
            variant="default"
            loading={reload.isPending}
            onClick={() => reload.mutate()}
          >
            Start it anew
          </Button>
        </Group>
      )}
    </Stack>
  );
}
