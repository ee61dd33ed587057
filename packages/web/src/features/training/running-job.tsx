import { Card, Group, Stack, Text } from "@mantine/core";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { StatusBadge } from "../../components/status-badge.tsx";
import { CancelButton } from "./cancel-button.tsx";
import { JobLink } from "./job-links.tsx";
import { JobProgressBar } from "./job-progress-bar.tsx";
import { PauseButton } from "./pause-button.tsx";
import { useJobEvents } from "./use-job-events.ts";

/** The job in work, as it goes on. */
export function RunningJob({ job }: { job: TrainingJob }) {
  const live = useJobEvents(job);
  return (
    <Card withBorder component="section" aria-label="Running">
      <Stack gap="xs">
        <Group justify="space-between">
          <Group gap="xs">
            <JobLink job={job} />
            <StatusBadge status={job.pause_requested ? "being paused" : job.status} />
          </Group>
          <Group gap="xs">
            <PauseButton job={job} />
            <CancelButton job={job} />
          </Group>
        </Group>
        <Text size="sm" c="dimmed">
          {job.parameters.recipe} on {job.dataset}
        </Text>
        <JobProgressBar progress={live.progress ?? job.progress} />
      </Stack>
    </Card>
  );
}
