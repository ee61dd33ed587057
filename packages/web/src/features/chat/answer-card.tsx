import { ActionIcon, Badge, Box, Button, Collapse, CopyButton, Group, Loader, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { HearthApiError } from "@hearth/sdk";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount, formatSeconds } from "../../components/format.ts";
import { Markdown, PlainText } from "../../components/markdown/markdown.tsx";
import type { Answer, AnswersNode } from "./conversation.ts";
import { LineageLine } from "./lineage-line.tsx";
import { useLiveAnswer } from "./live-answers.ts";
import { PauseNotice } from "./pause-notice.tsx";

/** One model's answer with what it took and where it comes from. */
export function AnswerCard({
  place,
  column,
  retry,
  again,
}: {
  place: AnswersNode;
  column: number;
  /** In its place. */
  retry: () => void;
  /** As a version beside this one. */
  again: () => void;
}) {
  const live = useLiveAnswer(place.id, column);
  const answer = live?.answer ?? place.answers[column];
  if (answer === undefined) return null;
  const writing = live?.answer.state === "answering";
  return (
    <Box component="article" aria-label={`Answer of ${answer.model}`} aria-busy={writing} miw={0}>
      <Group gap="xs" mb={4}>
        <Badge variant="default" tt="none" maw="100%">
          {answer.model}
        </Badge>
        {writing && live.pause === null && <Loader size={14} type="dots" role="img" aria-label="Answering" />}
        {answer.state === "stopped" && (
          <Text size="xs" c="dimmed">
            stopped
          </Text>
        )}
        {!writing && answer.text !== "" && <CopyAnswer text={answer.text} />}
      </Group>
      {answer.reasoning !== "" && <Reasoning text={answer.reasoning} />}
      <Markdown text={answer.text} streaming={writing} />
      {answer.state === "done" && answer.text === "" && (
        <Text c="dimmed" size="sm" fs="italic">
          The model ended its answer without a word.
        </Text>
      )}
      {answer.state === "answering" && live === null && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            Cut off, or being written in another tab.
          </Text>
          <Button size="compact-xs" variant="light" onClick={again}>
            Ask again
          </Button>
        </Group>
      )}
      {live !== null && live.pause !== null && <PauseNotice pause={live.pause} />}
      {answer.error !== null && <Failure error={answer.error} retry={retry} />}
      <Figures answer={answer} />
      {!writing && answer.traceId !== null && <LineageLine traceId={answer.traceId} />}
    </Box>
  );
}

function CopyAnswer({ text }: { text: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <ActionIcon variant="subtle" size="sm" color="gray" aria-label="Copy this answer" onClick={copy}>
          {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}

function Failure({ error, retry }: { error: NonNullable<Answer["error"]>; retry: () => void }) {
  const { status, code, message, requestId } = error;
  return (
    <ErrorNotice error={code === "" ? message : new HearthApiError(status, code, message, {}, requestId)}>
      <Button size="compact-sm" variant="light" onClick={retry}>
        Try again
      </Button>
    </ErrorNotice>
  );
}

function Figures({ answer: { figures } }: { answer: Answer }) {
  if (figures === null) return null;
  const { tokens, promptTokens, ttftMs, tokensPerSecond } = figures;
  return (
    <Text size="xs" c="dimmed" mt={4} className="figures">
      {tokensPerSecond > 0 && `${tokensPerSecond.toFixed(1)} tokens/s · `}
      first token after {formatSeconds(ttftMs / 1000)} · {formatCount(tokens)} tokens · prompt{" "}
      {formatCount(promptTokens)}
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
