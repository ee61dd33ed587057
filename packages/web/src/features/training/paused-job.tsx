import { Card, Group, Text } from "@mantine/core";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { formatCount } from "../../components/format.ts";
import { CancelButton } from "./cancel-button.tsx";
import { JobLink } from "./job-links.tsx";
import { PauseButton } from "./pause-button.tsx";

/** A job that keeps its place and its checkpoint until it is resumed. */
export function PausedJob({ job }: { job: TrainingJob }) {
  const step = stepReached(job);
  return (
    <Card withBorder p="xs">
      <Group justify="space-between">
        <div>
          <JobLink job={job} />
          <Text size="xs" c="dimmed">
            {job.parameters.recipe} on {job.dataset}, {step === null ? "not begun" : `paused at ${step}`}
          </Text>
        </div>
        <Group gap="xs">
          <PauseButton job={job} />
          <CancelButton job={job} />
        </Group>
      </Group>
    </Card>
  );
}

/** How far a job that waits has come; null: it has not begun. */
export function stepReached({ progress }: TrainingJob): string | null {
  if (progress === null || progress.steps === 0) return null;
  return `step ${formatCount(progress.step)} of ${formatCount(progress.steps)}`;
}
