import { Button, Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { chatConfigQuery } from "../../hub/queries.ts";
import { ChatProviders } from "./chat-providers.tsx";
import { ChatService } from "./chat-service.tsx";
import { ConfigDialog } from "./config-dialog.tsx";
import { ToolCalls } from "./tool-calls.tsx";

/** Who can answer in the chat, how its service is, and what tools were called. */
export function ChatSettingsPage() {
  const queries = useQueryClient();
  const { data, error } = useQuery(chatConfigQuery);
  const [editing, setEditing] = useState(false);
  const reload = useMutation({
    mutationFn: () => hub.conversations.reload(),
    onSettled: () => queries.invalidateQueries({ queryKey: chatConfigQuery.queryKey }),
  });
  return (
    <>
      <PageHeader title="Chat settings" description="Who can answer, and what was done">
        <Button component="a" href="#/chat" variant="default" size="compact-md">
          Back to the chat
        </Button>
      </PageHeader>
      <Stack gap="xl">
        {error !== null && <ErrorNotice error={error} />}
        {data !== undefined && (
          <>
            <Section title="Providers">
              <Stack gap="sm">
                {data.error !== null && <ErrorNotice error={data.error} />}
                <ChatProviders config={data} />
                <Group>
                  <Button size="compact-md" variant="default" onClick={() => setEditing(true)}>
                    Edit the providers
                  </Button>
                </Group>
                <Text size="xs" c="dimmed" style={{ overflowWrap: "anywhere" }}>
                  They are read from {data.path} whenever it changes. Keys are never in that file: it says
                  where each one is. Rounds of answer and tools in one turn: {data.settings.maxSteps}.
                </Text>
              </Stack>
            </Section>
            <Section title="AI service">
              <ChatService service={data.service} reload={reload} />
            </Section>
          </>
        )}
        <Section title="Calls of tools">
          <Text size="sm" c="dimmed" mb="xs">
            Each call of the chat and of other agents, and who allowed it.
          </Text>
          <ToolCalls />
        </Section>
      </Stack>
      {editing && data !== undefined && <ConfigDialog config={data} close={() => setEditing(false)} />}
    </>
  );
}
