import { ActionIcon, Box, Button, Group, Textarea } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { PlainText } from "../../components/markdown/markdown.tsx";
import type { UserNode } from "./conversation.ts";

/** What was asked, as it was typed; edited, it is asked again as a version beside this one. */
export function PromptCard({ node, resend }: { node: UserNode; resend: (text: string) => void }) {
  const [edited, setEdited] = useState<string | null>(null);
  if (edited !== null) {
    return (
      <Box>
        <Textarea
          aria-label="Edit the prompt"
          autosize
          maxRows={16}
          value={edited}
          onChange={(event) => setEdited(event.currentTarget.value)}
          data-autofocus
        />
        <Group gap="xs" mt="xs" justify="flex-end">
          <Button size="compact-sm" variant="default" onClick={() => setEdited(null)}>
            Cancel
          </Button>
          <Button
            size="compact-sm"
            disabled={edited.trim() === ""}
            onClick={() => {
              resend(edited);
              setEdited(null);
            }}
          >
            Send as a new version
          </Button>
        </Group>
      </Box>
    );
  }
  return (
    <Group align="flex-start" wrap="nowrap" gap="xs" justify="flex-end">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Edit this prompt"
        onClick={() => setEdited(node.text)}
      >
        <IconPencil size={16} />
      </ActionIcon>
      <Box px="sm" py="xs" bg="var(--mantine-color-default-hover)" maw="85%" style={{ borderRadius: 12 }}>
        <PlainText text={node.text} />
      </Box>
    </Group>
  );
}
