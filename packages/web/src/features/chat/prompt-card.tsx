import { ActionIcon, Box, Button, Group, Textarea } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { PlainText } from "../../components/markdown/markdown.tsx";
import type { UserNode } from "./conversation.ts";
import { saidIn } from "./message.ts";

/** Edits that are not sent: a message out of view is not drawn, and its edit must not be lost by that. */
const edits = new Map<string, string>();
/** To find the height of a longer text (characters) at each stroke would be slow. */
const longText = 20_000;

export interface PromptCardProps {
  node: UserNode;
  editing: boolean;
  edit: (on: boolean) => void;
  resend: (text: string) => void;
}

/** What was asked, as it was typed; edited, it is asked again as a version beside this one. */
export function PromptCard({ node, editing, edit, resend }: PromptCardProps) {
  if (editing) return <PromptEditor node={node} edit={edit} resend={resend} />;
  return (
    <Group align="flex-start" wrap="nowrap" gap="xs" justify="flex-end">
      <ActionIcon variant="subtle" color="gray" aria-label="Edit this prompt" onClick={() => edit(true)}>
        <IconPencil size={16} />
      </ActionIcon>
      <Box px="sm" py="xs" bg="var(--mantine-color-default-hover)" maw="85%" style={{ borderRadius: 12 }}>
        <PlainText text={saidIn(node.message)} />
      </Box>
    </Group>
  );
}

function PromptEditor({ node, edit, resend }: Omit<PromptCardProps, "editing">) {
  const before = saidIn(node.message);
  const [text, setText] = useState(() => edits.get(node.id) ?? before);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, []);
  const end = () => {
    edits.delete(node.id);
    edit(false);
  };
  const send = () => {
    if (text.trim() === "") return;
    end();
    resend(text);
  };
  return (
    <Box>
      <Textarea
        ref={field}
        aria-label="Edit the prompt"
        {...(before.length > longText ? { rows: 16 } : { autosize: true, maxRows: 16 })}
        value={text}
        onChange={(event) => {
          edits.set(node.id, event.currentTarget.value);
          setText(event.currentTarget.value);
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") {
            event.stopPropagation();
            end();
          }
          if (event.key !== "Enter" || event.shiftKey) return;
          event.preventDefault();
          send();
        }}
      />
      <Group gap="xs" mt="xs" justify="flex-end">
        <Button size="compact-sm" variant="default" onClick={end}>
          Cancel
        </Button>
        <Button size="compact-sm" disabled={text.trim() === ""} onClick={send}>
          Send as a new version
        </Button>
      </Group>
    </Box>
  );
}
