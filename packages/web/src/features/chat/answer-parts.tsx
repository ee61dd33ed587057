import { Anchor, Box, Button, Collapse, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { MessagePart } from "@hearth/wire/chat/message";
import type { StoredMessage } from "@hearth/wire/chat/session";
import { Markdown, PlainText } from "../../components/markdown/markdown.tsx";
import { decide, decided as withDecisions, useDecisions } from "./decisions.ts";
import { isToolPart } from "./message.ts";
import { ToolCard } from "./tool-card.tsx";

export interface AnswerPartsProps {
  answer: StoredMessage;
  writing: boolean;
  /** Gets the parts when each call that a person was asked about is decided. */
  decided: (parts: MessagePart[]) => void;
}

/** What an answer is made of, in the order in which it came: thoughts, words and calls of tools. */
export function AnswerParts({ answer, writing, decided }: AnswerPartsProps) {
  const decisions = useDecisions(answer.id);
  const last = answer.parts.length - 1;
  return answer.parts.map((part, index) => {
    if (isToolPart(part))
      return (
        <ToolCard
          key={`${part.toolCallId} ${index}`}
          part={part}
          decision={decisions.get(part.approval?.id ?? "") ?? null}
          decide={(decision) => {
            const id = part.approval?.id;
            if (id === undefined) return;
            const parts = withDecisions(answer.parts, decide(answer.id, id, decision));
            if (parts !== null) decided(parts);
          }}
        />
      );
    if (part.type === "text" && typeof part["text"] === "string")
      return <Markdown key={index} text={part["text"]} streaming={writing && index === last} />;
    if (part.type === "reasoning" && typeof part["text"] === "string" && part["text"] !== "")
      return <Reasoning key={index} text={part["text"]} />;
    if (part.type === "source-url" && typeof part["url"] === "string")
      return <Source key={index} url={part["url"]} />;
    return null;
  });
}

/** Where a provider says it read something; opened by whoever wants to. */
function Source({ url }: { url: string }) {
  if (!/^https?:/i.test(url)) return null;
  return (
    <Text size="sm">
      <Anchor href={url} target="_blank" rel="noopener noreferrer" style={{ overflowWrap: "anywhere" }}>
        {url}
      </Anchor>
    </Text>
  );
}

/** What a thinking model thought, folded away. */
function Reasoning({ text }: { text: string }) {
  const [opened, { toggle }] = useDisclosure(false);
  return (
    <Box mb="xs">
      <Button variant="subtle" color="gray" size="compact-xs" onClick={toggle} aria-expanded={opened}>
        {opened ? "Hide the reasoning" : "Show the reasoning"}
      </Button>
      <Collapse expanded={opened}>
        <Box
          pl="sm"
          c="dimmed"
          fz="sm"
          style={{ borderLeft: "2px solid var(--mantine-color-default-border)" }}
        >
          {opened && <PlainText text={text} />}
        </Box>
      </Collapse>
    </Box>
  );
}
