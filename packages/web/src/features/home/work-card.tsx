import { Progress, Stack, Text } from "@mantine/core";
import type { HubStatus } from "@hearth/wire/hub/status";
import type { JobProgress, TrainingJob } from "@hearth/wire/hub/training";
import { formatCount, formatMetric, formatSeconds } from "../../components/format.ts";
import { HomeCard } from "./home-card.tsx";

/** What runs and what waits: the job of now, those behind it, and requests. */
export function WorkCard({ status }: { status: HubStatus }) {
  const { running_job: job, queued_jobs: queued, inference } = status;
  return (
    <HomeCard title="Running">
      <Stack gap={6}>
        {job === null ? (
          <Text size="sm" c="dimmed">
            No training runs.
          </Text>
        ) : (
          <RunningJob job={job} />
        )}
        {queued.length > 0 && (
          <Text size="sm">Waiting: {queued.map((one) => `${one.model}:${one.version}`).join(", ")}</Text>
        )}
        <Text size="sm" c="dimmed" className="figures">
          {inference.active} answers under way, {inference.queued} waiting
        </Text>
      </Stack>
    </HomeCard>
  );
}

function RunningJob({ job }: { job: TrainingJob }) {
  const { progress } = job;
  const name = `${job.model}:${job.version}`;
  const share = progress === null || progress.steps === 0 ? 0 : (100 * progress.step) / progress.steps;
  const facts = progress === null ? ["preparing"] : factsOf(progress);
  return (
    <div>
      <Text size="sm" fw={600}>
        {name}
      </Text>
      <Progress value={share} aria-label={`Training of ${name}`} my={4} />
      <Text size="sm" c="dimmed" className="figures">
        {facts.join(" · ")}
      </Text>
    </div>
  );
}

/** What is known of it so far, in the order in which people look for it. */
function factsOf({
  phase,
  step,
  steps,
  loss,
  tokens_per_second: speed,
  seconds_left: left,
}: JobProgress): string[] {
  const facts = [phase, `step ${step} of ${steps}`];
  if (loss !== null) facts.push(`loss ${formatMetric(loss)}`);
  if (speed !== null) facts.push(`${formatCount(speed)} tokens/s`);
  if (left !== null) facts.push(`${formatSeconds(left)} left`);
  return facts;
}
