import { Badge, Box, Collapse, Group, Loader, Text, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconChevronRight, IconTool } from "@tabler/icons-react";
import type { ToolPart, ToolState } from "@hearth/wire/chat/message";
import { ApprovalForm } from "./approval-form.tsx";
import type { Decision } from "./decisions.ts";
import { JsonText } from "./json-text.tsx";
import { toolNameOf } from "./message.ts";

const words: Record<ToolState, string> = {
  "input-streaming": "being written",
  "input-available": "running",
  "approval-requested": "waits for you",
  "approval-responded": "decided",
  "output-available": "done",
  "output-error": "failed",
  "output-denied": "refused",
};
const colors: Partial<Record<ToolState, string>> = {
  "approval-requested": "yellow",
  "output-available": "green",
  "output-error": "red",
};

export interface ToolCardProps {
  part: ToolPart;
  /** What was said to it, while others wait. */
  decision: Decision | null;
  decide: (decision: Decision) => void;
}

/** One call of a tool: what is called with what, how far it is, what came of it. All of it is foreign text. */
export function ToolCard({ part, decision, decide }: ToolCardProps) {
  const asked = part.state === "approval-requested" && part.approval !== undefined;
  const [opened, { toggle }] = useDisclosure(false);
  const name = toolNameOf(part);
  const title = typeof part["title"] === "string" && part["title"] !== "" ? part["title"] : name;
  const { errorText, approval, state } = part;
  const shown = asked || opened;
  const word =
    state === "approval-responded" ? (approval?.approved === true ? "allowed" : "refused") : words[state];
  const Chevron = shown ? IconChevronDown : IconChevronRight;
  return (
    <Box
      component="section"
      aria-label={`Tool ${title}`}
      my="xs"
      p="xs"
      bd="1px solid var(--mantine-color-default-border)"
      style={{ borderRadius: 8 }}
    >
      <UnstyledButton onClick={toggle} aria-expanded={shown} disabled={asked} w="100%" mih={24}>
        <Group gap="xs" wrap="nowrap">
          {!asked && <Chevron size={16} aria-hidden style={{ flexShrink: 0 }} />}
          <IconTool size={16} aria-hidden style={{ flexShrink: 0 }} />
          <Text size="sm" fw={600} truncate>
            {title}
          </Text>
          {title !== name && (
            <Text size="xs" c="dimmed" ff="monospace" truncate {...(asked ? {} : { visibleFrom: "sm" })}>
              {name}
            </Text>
          )}
          <Badge variant="dot" color={colors[state] ?? "gray"} tt="none" ml="auto" style={{ flexShrink: 0 }}>
            {word}
          </Badge>
          {(state === "input-available" || state === "input-streaming") && (
            <Loader size={14} type="dots" role="img" aria-label="Running" />
          )}
        </Group>
      </UnstyledButton>
      {errorText !== undefined && (
        <Text size="sm" mt={4} style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
          {errorText}
        </Text>
      )}
      {approval?.approved === false && typeof approval.reason === "string" && (
        <Text size="sm" mt={4} c="dimmed" style={{ overflowWrap: "anywhere" }}>
          You refused: {approval.reason}
        </Text>
      )}
      <Collapse expanded={shown}>
        {shown && (
          <>
            <JsonText label="Input" value={part.input} full={asked} />
            {part.output !== undefined && <JsonText label="Output" value={part.output} />}
          </>
        )}
      </Collapse>
      {asked && <ApprovalForm title={title} decision={decision} decide={decide} />}
    </Box>
  );
}
