import { ActionIcon, Anchor, Group, Menu, ScrollArea, Stack, Text, TextInput } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { useState } from "react";
import { Age } from "../../components/age.tsx";
import type { Conversation } from "./conversation.ts";

export interface ConversationListProps {
  conversations: readonly Conversation[];
  current: string;
  open: (id: string) => void;
  rename: (id: string, title: string) => void;
  exported: (one: Conversation, ending: "md" | "json") => void;
  remove: (id: string) => void;
}

const focus = (field: HTMLInputElement | null) => field?.focus();

/** The conversations that this browser keeps: search, rename, export, delete. */
export function ConversationList({
  conversations,
  current,
  open,
  rename,
  exported,
  remove,
}: ConversationListProps) {
  const [sought, setSought] = useState("");
  const [renaming, setRenaming] = useState<{ id: string; title: string } | null>(null);
  const found = conversations.filter(({ title }) =>
    title.toLowerCase().includes(sought.trim().toLowerCase()),
  );
  const named = ({ id }: Conversation) => {
    const title = renaming?.title.trim() ?? "";
    setRenaming(null);
    if (title !== "") rename(id, title);
  };
  return (
    <Stack gap="xs" h="100%" mih={0}>
      <TextInput
        aria-label="Search the conversations"
        placeholder="Search"
        value={sought}
        onChange={(event) => setSought(event.currentTarget.value)}
      />
      {found.length === 0 && (
        <Text size="sm" c="dimmed">
          {conversations.length === 0
            ? "What you ask is kept here, in this browser."
            : "None has this in its name."}
        </Text>
      )}
      <ScrollArea
        flex={1}
        mih={0}
        viewportProps={{ tabIndex: 0, "aria-label": "Kept conversations", role: "group" }}
      >
        {found.map((one) =>
          renaming?.id === one.id ? (
            <TextInput
              key={one.id}
              aria-label="New name"
              ref={focus}
              value={renaming.title}
              onChange={(event) => setRenaming({ id: one.id, title: event.currentTarget.value })}
              onBlur={() => setRenaming(null)}
              onKeyDown={(event) => {
                if (event.key === "Escape") setRenaming(null);
                if (event.key === "Enter") named(one);
              }}
            />
          ) : (
            <Group key={one.id} gap={4} wrap="nowrap" justify="space-between" py={2}>
              <Stack gap={0} miw={0} flex={1}>
                <Anchor
                  component="button"
                  type="button"
                  size="sm"
                  ta="left"
                  c="inherit"
                  truncate
                  fw={one.id === current ? 700 : 400}
                  aria-current={one.id === current ? "page" : undefined}
                  onClick={() => open(one.id)}
                >
                  {one.title}
                </Anchor>
                <Text size="xs" c="dimmed">
                  <Age at={one.updatedAt} />
                </Text>
              </Stack>
              <Menu position="bottom-end" withinPortal>
                <Menu.Target>
                  <ActionIcon variant="subtle" color="gray" aria-label={`More about ${one.title}`}>
                    <IconDots size={16} />
                  </ActionIcon>
                </Menu.Target>
                <Menu.Dropdown>
                  <Menu.Item onClick={() => setRenaming(one)}>Rename</Menu.Item>
                  <Menu.Item onClick={() => exported(one, "md")}>Export as Markdown</Menu.Item>
                  <Menu.Item onClick={() => exported(one, "json")}>Export as JSON</Menu.Item>
                  <Menu.Item onClick={() => remove(one.id)}>Delete</Menu.Item>
                </Menu.Dropdown>
              </Menu>
            </Group>
          ),
        )}
      </ScrollArea>
    </Stack>
  );
}
