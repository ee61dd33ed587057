import { Anchor, Progress, Stack, Text } from "@mantine/core";
import type { HubStatus } from "@hearth/wire/hub/status";
import type { JobProgress, TrainingJob } from "@hearth/wire/hub/training";
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { formatCount, formatMetric, formatSeconds } from "../../components/format.ts";
import { HomeCard } from "./home-card.tsx";

/** What runs and what waits: the job of now, those behind it, and requests. */
export function WorkCard({ status }: { status: HubStatus }) {
  const { running_job: job, queued_jobs: queued } = status;
  const { answering, waiting } = requestsOf(status);
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
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            Waiting:{" "}
            {queued.map((one, index) => (
              <Fragment key={one.id}>
                {index > 0 && ", "}
                <JobLink job={one} />
              </Fragment>
            ))}
          </Text>
        )}
        <Text size="sm" c="dimmed" className="figures">
          {answering} answers under way, {waiting} waiting
        </Text>
      </Stack>
    </HomeCard>
  );
}

/** Those of other servers, too; who waits here is counted among the active ones. */
function requestsOf({ inference, providers }: HubStatus): { answering: number; waiting: number } {
  let answering = inference.active - inference.queued;
  let waiting = inference.queued;
  for (const provider of providers) {
    waiting += provider.waiting;
    for (const server of provider.servers) answering += server.active;
  }
  return { answering, waiting };
}

function JobLink({ job }: { job: TrainingJob }) {
  return (
    <Anchor
      inherit
      renderRoot={(props) => <Link to="/training/jobs/$jobId" params={{ jobId: job.id }} {...props} />}
    >
      {`${job.model}:${job.version}`}
    </Anchor>
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
        <JobLink job={job} />
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
