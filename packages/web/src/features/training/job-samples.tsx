import { Badge, Box, Card, Group, SimpleGrid, Stack, Text } from "@mantine/core";
import type { TrainingJob, TrainingSample } from "@hearth/wire/hub/training";
import { IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { formatCount, formatSeconds } from "../../components/format.ts";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { samplesKey } from "./use-job-events.ts";

/** What the model says to the same prompts as it learns. */
export function JobSamples({ job }: { job: TrainingJob }) {
  const { data: samples, error } = useQuery({
    queryKey: samplesKey(job.id),
    queryFn: ({ signal }) => hub.jobs.samples(job.id, { signal }),
    meta: { topics: ["jobs"] },
  });
  const prompts = byPrompt(samples ?? []);
  return (
    <Section title="Samples">
      {error !== null && <ErrorNotice error={error} />}
      {samples !== undefined && prompts.length === 0 && (
        <Text size="sm" c="dimmed">
          {whyNone(job)}
        </Text>
      )}
      <SimpleGrid cols={{ base: 1, sm: Math.min(2, prompts.length), lg: Math.min(3, prompts.length) }}>
        {prompts.map((answers) => (
          <PromptCard key={answers[0].index} answers={answers} />
        ))}
      </SimpleGrid>
    </Section>
  );
}

type Answers = readonly [TrainingSample, ...TrainingSample[]];

/** Of one prompt, the newest answer first. */
function PromptCard({ answers }: { answers: Answers }) {
  const [{ index, prompt, expected }] = answers;
  return (
    <Card withBorder component="article" aria-label={`Sample ${index + 1}`}>
      <Stack gap="xs">
        <Text size="sm" lineClamp={6} style={asWritten} title={prompt}>
          {prompt}
        </Text>
        {expected !== null && (
          <Text size="sm" style={asWritten} lineClamp={6} title={expected}>
            <Text span c="dimmed" size="sm">
              Expected{" "}
            </Text>
            {expected}
          </Text>
        )}
        <Box
          component="ol"
          tabIndex={0}
          aria-label={`Answers to sample ${index + 1}, the newest first`}
          m={0}
          p={0}
          mah={280}
          style={{ overflowY: "auto", listStyle: "none" }}
        >
          {answers.map((sample) => (
            <Answer key={sample.step} sample={sample} />
          ))}
        </Box>
      </Stack>
    </Card>
  );
}

function Answer({ sample: { step, answer, expected, complete, seconds } }: { sample: TrainingSample }) {
  const right = expected !== null && complete && answer.trim() === expected.trim();
  return (
    <Box component="li" py={6} style={{ borderTop: "1px solid var(--mantine-color-default-border)" }}>
      <Group justify="space-between" gap="xs">
        <Text size="xs" c="dimmed" title={`Took ${formatSeconds(seconds)}`}>
          {step === 0 ? "before the first step" : `after step ${formatCount(step)}`}
        </Text>
        {right && (
          <Badge
            size="sm"
            variant="default"
            leftSection={<IconCheck size={12} color="var(--mantine-color-green-filled)" aria-hidden />}
          >
            as expected
          </Badge>
        )}
      </Group>
      <Text size="sm" style={asWritten}>
        {!visible.test(answer) ? (
          <Text span c="dimmed" size="sm">
            {answer === "" ? "(says nothing)" : "(nothing that can be seen)"}
          </Text>
        ) : (
          answer
        )}
        {!complete && (
          <Text span c="dimmed" title="Cut: at 64 tokens, at the context's end, or for its time">
            …
          </Text>
        )}
      </Text>
    </Box>
  );
}

/** A model that has learned nothing yet may say control characters only. */
const visible = /[^\s\p{C}]/u;
const asWritten = { whiteSpace: "pre-wrap", overflowWrap: "anywhere" } as const;

function byPrompt(samples: readonly TrainingSample[]): Answers[] {
  const prompts = new Map<number, [TrainingSample, ...TrainingSample[]]>();
  for (const sample of samples) prompts.set(sample.index, [sample, ...(prompts.get(sample.index) ?? [])]);
  return [...prompts].toSorted(([one], [other]) => one - other).map(([, answers]) => answers);
}

function whyNone({ parameters, status }: TrainingJob): string {
  if (parameters.sample_steps === 0) return "This job is not to be sampled.";
  if (status === "queued" || status === "running") {
    return "The first answers come before the first step, if the dataset has a validation split or the job names prompts.";
  }
  return "Nothing was asked: the dataset has no validation split and the job names no prompts, or it did not come so far.";
}
