import { Card, Group, Text } from "@mantine/core";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { formatCount } from "../../components/format.ts";
import { CancelButton } from "./cancel-button.tsx";
import { JobLink } from "./job-links.tsx";
import { PauseButton } from "./pause-button.tsx";

/** A job that keeps its place and its checkpoint until it is resumed. */
export function PausedJob({ job }: { job: TrainingJob }) {
  const { progress } = job;
  const far =
    progress === null || progress.steps === 0
      ? "not begun"
      : `paused at step ${formatCount(progress.step)} of ${formatCount(progress.steps)}`;
  return (
    <Card withBorder p="xs">
      <Group justify="space-between">
        <div>
          <JobLink job={job} />
          <Text size="xs" c="dimmed">
            {job.parameters.recipe} on {job.dataset}, {far}
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
