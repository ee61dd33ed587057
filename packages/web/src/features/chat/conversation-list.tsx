import { ScrollArea, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { ChatSession } from "@hearth/wire/chat/session";
import { useState } from "react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { ConversationEntry } from "./conversation-entry.tsx";
import { DeleteDialog } from "./delete-dialog.tsx";
import { download } from "./export.ts";
import { useConversationChanges, useConversations } from "./use-conversations.ts";
import { hub } from "../../hub/hub.ts";

export interface ConversationListProps {
  current: string;
  open: (id: string | undefined) => void;
}

const typingMs = 200;

/** The conversations that the hub keeps: search, rename, archive, export, delete. */
export function ConversationList({ current, open }: ConversationListProps) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed, typingMs);
  const [archived, setArchived] = useState(false);
  const { data, error } = useConversations({ search, archived });
  const { change, remove } = useConversationChanges();
  const [failure, setFailure] = useState<unknown>(null);
  const [deleting, setDeleting] = useState<ChatSession | null>(null);
  const tried = (work: Promise<unknown>) => {
    setFailure(null);
    work.catch(setFailure);
  };
  const exported = async (one: ChatSession, ending: "md" | "json") => {
    const text = await hub.conversations.export(one.id, ending === "md" ? "markdown" : "json");
    download(one.title, ending, text);
  };
  const problem = error ?? failure;
  const items = data?.items ?? [];
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <TextInput
        aria-label="Search the conversations"
        placeholder="Search titles and words"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <Switch
        size="xs"
        label="Archived ones"
        checked={archived}
        onChange={(event) => setArchived(event.currentTarget.checked)}
      />
      {problem !== null && <ErrorNotice error={problem} />}
      {data !== undefined && items.length === 0 && (
        <Text size="sm" c="dimmed">
          {search.trim() !== ""
            ? "Nothing was found in titles and in what was said."
            : archived
              ? "None is archived."
              : "What you ask is kept here, in the hub."}
        </Text>
      )}
      <ScrollArea
        flex={1}
        mih={0}
        viewportProps={{ tabIndex: 0, "aria-label": "Kept conversations", role: "group" }}
      >
        {items.map((one) => (
          <ConversationEntry
            key={one.id}
            conversation={one}
            current={one.id === current}
            open={() => open(one.id)}
            rename={(title) => tried(change(one.id, { title }))}
            archive={() => tried(change(one.id, { archived: !one.archived }))}
            exported={(ending) => tried(exported(one, ending))}
            remove={() => setDeleting(one)}
          />
        ))}
        {data !== undefined && data.total > items.length && (
          <Text size="xs" c="dimmed">
            {data.total - items.length} older ones are found by searching.
          </Text>
        )}
      </ScrollArea>
      {deleting !== null && (
        <DeleteDialog
          conversation={deleting}
          close={() => setDeleting(null)}
          remove={async () => {
            // Nothing of it may be asked for any more when it is gone.
            if (deleting.id === current) open(undefined);
            await remove(deleting.id);
          }}
        />
      )}
    </Stack>
  );
}
