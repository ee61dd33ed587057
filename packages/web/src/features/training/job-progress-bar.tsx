import { Progress, Stack, Text } from "@mantine/core";
import type { JobProgress } from "@hearth/wire/hub/training";
import { formatCount, formatMetric, formatSeconds } from "../../components/format.ts";

/** How far a job is, in one bar and one line. */
export function JobProgressBar({ progress }: { progress: JobProgress | null }) {
  if (progress === null) return <Text size="sm">Starting its trainer…</Text>;
  const { phase, step, steps, loss, tokens_per_second, seconds_left } = progress;
  const words = [
    phase,
    ...(steps > 0 ? [`step ${formatCount(step)} of ${formatCount(steps)}`] : []),
    ...(loss === null ? [] : [`loss ${formatMetric(loss)}`]),
    ...(tokens_per_second === null ? [] : [`${formatCount(tokens_per_second)} tokens/s`]),
    ...(seconds_left === null ? [] : [`${formatSeconds(seconds_left)} left`]),
  ];
  return (
    <Stack gap={4}>
      <Progress value={steps === 0 ? 0 : (100 * step) / steps} aria-label="Steps done" />
      <Text size="sm">{words.join(" · ")}</Text>
    </Stack>
  );
}
