import { Button, Group, SimpleGrid } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { AnswerCard } from "./answer-card.tsx";
import type { Node } from "./conversation.ts";
import { PromptCard } from "./prompt-card.tsx";
import { VersionSwitch } from "./version-switch.tsx";

export interface MessageRowProps {
  node: Node;
  siblings: readonly Node[];
  choose: (id: string) => void;
  editing: boolean;
  edit: (on: boolean) => void;
  resend: (text: string) => void;
  again: () => void;
  retry: (column: number) => void;
}

/** A prompt, or the answers to one beside each other, with their versions. */
export function MessageRow({ node, siblings, choose, editing, edit, resend, again, retry }: MessageRowProps) {
  const versions = <VersionSwitch node={node} siblings={siblings} choose={choose} />;
  if (node.role === "user") {
    return (
      <>
        <PromptCard node={node} editing={editing} edit={edit} resend={resend} />
        <Group justify="flex-end">{versions}</Group>
      </>
    );
  }
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: node.answers.length }} spacing="lg">
        {node.answers.map((answer, column) => (
          <AnswerCard
            key={`${column} ${answer.model}`}
            place={node}
            column={column}
            retry={() => retry(column)}
            again={again}
          />
        ))}
      </SimpleGrid>
      <Group gap="xs" mt={4}>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          leftSection={<IconRefresh size={14} />}
          onClick={again}
        >
          Answer again
        </Button>
        {versions}
      </Group>
    </>
  );
}
