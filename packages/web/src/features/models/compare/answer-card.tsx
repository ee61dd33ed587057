import { Anchor, Badge, Group, Loader, Mark, Paper, Text } from "@mantine/core";
import { ErrorNotice } from "../../../components/error-notice.tsx";
import { formatSeconds } from "../../../components/format.ts";
import type { ComparedAnswer } from "./asking.ts";
import { SaidText } from "./said-text.tsx";
import { asExpected, markedParts } from "./text-difference.ts";

export interface AnswerCardProps {
  reference: string;
  answer: ComparedAnswer | undefined;
  /** What its words are held against, once both are there. */
  other: ComparedAnswer | undefined;
  /** Empty: nothing in particular. */
  expected: string;
}

/** One version's answer; what another one says otherwise is marked. */
export function AnswerCard({ reference, answer, other, expected }: AnswerCardProps) {
  if (answer === undefined) return null;
  const { state, text, figures, traceId, error } = answer;
  const ended = state === "done" || state === "stopped";
  const parts =
    ended && other !== undefined && other.text !== "" && other.state === "done"
      ? markedParts(text, other.text)
      : [{ text, marked: false }];
  return (
    <Paper
      withBorder
      p="md"
      component="article"
      aria-label={`Answer of ${reference}`}
      aria-busy={state === "answering"}
      miw={0}
    >
      <Group gap="xs" mb="xs">
        <Text fw={600} size="sm" style={{ overflowWrap: "anywhere" }}>
          {reference}
        </Text>
        {(state === "waiting" || state === "answering") && (
          <Loader size={14} type="dots" aria-label="Answering" />
        )}
        {state === "stopped" && (
          <Text size="xs" c="dimmed">
            stopped
          </Text>
        )}
        {state === "done" && expected.trim() !== "" && <Verdict right={asExpected(text, expected)} />}
      </Group>
      <SaidText text={text} height={480}>
        {parts.map((part, index) =>
          // The parts are made anew with each text: their order is all they have.
          part.marked ? <Mark key={index}>{part.text}</Mark> : <span key={index}>{part.text}</span>,
        )}
      </SaidText>
      {state === "done" && text === "" && (
        <Text c="dimmed" size="sm" fs="italic">
          The model ended its answer without a word.
        </Text>
      )}
      {state === "failed" && <ErrorNotice error={error} />}
      <Group gap="xs" mt="xs" fz="xs" c="dimmed" className="figures">
        {figures !== null && (
          <Text inherit>
            {figures.tokensPerSecond > 0 && `${figures.tokensPerSecond.toFixed(1)} tokens/s · `}
            first token after {formatSeconds(figures.ttftMs / 1000)}
          </Text>
        )}
        {traceId !== null && ended && (
          <Anchor inherit underline="always" href={`#/traces?trace=${encodeURIComponent(traceId)}`}>
            Its trace
          </Anchor>
        )}
      </Group>
    </Paper>
  );
}

/** Whether an answer is what was expected. */
export function Verdict({ right }: { right: boolean }) {
  return (
    <Badge variant="dot" size="sm" tt="none" miw="max-content" color={right ? "green" : "red"}>
      {right ? "as expected" : "not as expected"}
    </Badge>
  );
}
