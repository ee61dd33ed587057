import { ActionIcon, Badge, Box, Button, CopyButton, Group, Loader, Text } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { StoredMessage } from "@hearth/wire/chat/session";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { AnswerFigures } from "./answer-figures.tsx";
import { AnswerParts } from "./answer-parts.tsx";
import { LineageLine } from "./lineage-line.tsx";
import { useLiveAnswer } from "./live-answers.ts";
import { metadataOf, modelOf, saidIn, waitingCalls } from "./message.ts";
import { modelName } from "./model-ref.ts";
import { PauseNotice } from "./pause-notice.tsx";

export interface AnswerCardProps {
  answer: StoredMessage;
  /** Who answers, where the answer does not say so yet. */
  model: string;
  /** Goes on in its place, from what it is given here. */
  goOn: (from: StoredMessage) => void;
}

const broken = new Set(["stopped", "failed", "interrupted"]);

/** One model's answer in the order in which it came, with what it took and where it comes from. */
export function AnswerCard({ answer: stored, model, goOn }: AnswerCardProps) {
  const live = useLiveAnswer(stored.id);
  const answer = live?.message ?? stored;
  const writing = answer.status === "streaming";
  const here = live !== null && writing;
  const pause = live?.pause ?? null;
  const said = saidIn(answer);
  const silent = answer.parts.every(({ type }) => type === "step-start");
  const trace = metadataOf(answer).traces?.[0];
  const name = modelName(modelOf(answer) ?? model);
  const onward = (
    <Button size="compact-sm" variant="light" onClick={() => goOn(answer)}>
      {silent ? "Try again" : "Go on"}
    </Button>
  );
  return (
    <Box component="article" aria-label={`Answer of ${name}`} aria-busy={writing} miw={0}>
      <Group gap="xs" mb={4}>
        <Badge variant="default" tt="none" maw="100%">
          {name}
        </Badge>
        {writing && pause === null && <Loader size={14} type="dots" role="img" aria-label="Answering" />}
        {writing && !here && (
          <Text size="xs" c="dimmed">
            being written elsewhere
          </Text>
        )}
        {(answer.status === "stopped" || answer.status === "interrupted") && (
          <Text size="xs" c="dimmed">
            {answer.status}
          </Text>
        )}
        {!writing && said !== "" && <CopyAnswer text={said} />}
      </Group>
      <AnswerParts
        answer={answer}
        writing={writing}
        decided={(parts) => goOn({ ...answer, parts, status: "streaming" })}
      />
      {answer.status === "complete" && said === "" && waitingCalls(answer).length === 0 && (
        <Text c="dimmed" size="sm" fs="italic">
          The model ended its answer without a word.
        </Text>
      )}
      {pause !== null && <PauseNotice pause={pause} />}
      {answer.error !== null && answer.status === "failed" && (
        <ErrorNotice error={answer.error}>{onward}</ErrorNotice>
      )}
      {broken.has(answer.status) && answer.status !== "failed" && onward}
      <AnswerFigures metadata={metadataOf(answer)} />
      {!writing && trace !== undefined && <LineageLine traceId={trace} />}
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
