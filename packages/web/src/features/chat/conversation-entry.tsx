import { ActionIcon, Anchor, Group, Loader, Menu, Stack, Text, TextInput } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import type { ChatSession } from "@hearth/wire/chat/session";
import { useState } from "react";
import { Age } from "../../components/age.tsx";

export interface ConversationEntryProps {
  conversation: ChatSession;
  current: boolean;
  open: () => void;
  rename: (title: string) => void;
  archive: () => void;
  exported: (ending: "md" | "json") => void;
  remove: () => void;
}

const focus = (field: HTMLInputElement | null) => field?.focus();

/** One conversation in the list; its name is changed in its place. */
export function ConversationEntry(props: ConversationEntryProps) {
  const { conversation, current, open, rename, archive, exported, remove } = props;
  const { title, updated_at, answering, archived } = conversation;
  const [name, setName] = useState<string | null>(null);
  if (name !== null)
    return (
      <TextInput
        aria-label="New name"
        ref={focus}
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        onBlur={() => setName(null)}
        onKeyDown={(event) => {
          if (event.key === "Escape") setName(null);
          if (event.key !== "Enter") return;
          setName(null);
          if (name.trim() !== "") rename(name.trim());
        }}
      />
    );
  return (
    <Group gap={4} wrap="nowrap" justify="space-between" py={2}>
      <Stack gap={0} miw={0} flex={1}>
        <Anchor
          component="button"
          type="button"
          size="sm"
          ta="left"
          c="inherit"
          truncate
          fw={current ? 700 : 400}
          aria-current={current ? "page" : undefined}
          onClick={open}
        >
          {title}
        </Anchor>
        <Group gap={6}>
          <Text size="xs" c="dimmed">
            <Age at={Date.parse(updated_at)} />
          </Text>
          {answering.length > 0 && <Loader size={12} type="dots" role="img" aria-label="Being answered" />}
        </Group>
      </Stack>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More about ${title}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setName(title)}>Rename</Menu.Item>
          <Menu.Item onClick={archive}>{archived ? "Take out of the archive" : "Archive"}</Menu.Item>
          <Menu.Item onClick={() => exported("md")}>Export as Markdown</Menu.Item>
          <Menu.Item onClick={() => exported("json")}>Export as JSON</Menu.Item>
          <Menu.Item onClick={remove}>Delete</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
