import { Button, Group, SimpleGrid } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import type { StoredMessage } from "@hearth/wire/chat/session";
import { AnswerCard } from "./answer-card.tsx";
import type { AnswersNode, Node } from "./conversation.ts";
import { modelOf } from "./message.ts";
import { PromptCard } from "./prompt-card.tsx";
import { VersionSwitch } from "./version-switch.tsx";

export interface MessageRowProps {
  node: Node;
  siblings: readonly Node[];
  /** Of the conversation, for answers that do not say whose they are. */
  models: readonly string[];
  choose: (id: string) => void;
  editing: boolean;
  edit: (on: boolean) => void;
  resend: (text: string) => void;
  again: () => void;
  goOn: (place: AnswersNode, answer: StoredMessage, model: string) => void;
}

/** A prompt, or the answers to one beside each other, with their versions. */
export function MessageRow(props: MessageRowProps) {
  const { node, siblings, models, choose, editing, edit, resend, again, goOn } = props;
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
        {node.answers.map((answer) => {
          const model = modelOf(answer) ?? models[answer.position] ?? models[0] ?? "";
          return (
            <AnswerCard
              key={answer.id}
              answer={answer}
              model={model}
              goOn={(from) => goOn(node, from, model)}
            />
          );
        })}
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
