import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { hub } from "../../hub/hub.ts";
import { FinishedJobs } from "./finished-jobs.tsx";
import { JobQueue } from "./job-queue.tsx";
import { PausedJob } from "./paused-job.tsx";
import { QueueButton, QueueNotice } from "./queue-button.tsx";
import { RunningJob } from "./running-job.tsx";

/** What is trained now, what comes next, and what has been. */
export function TrainingPage() {
  const { data, error } = useQuery({
    queryKey: ["training"],
    queryFn: ({ signal }) => hub.jobs.list({ pageSize: 200, signal }),
    meta: { topics: ["jobs"] },
  });
  const jobs = data?.items ?? [];
  const running = jobs.filter((job) => job.status === "running");
  const queued = jobs
    .filter((job) => job.status === "queued")
    .toSorted((one, other) => other.priority - one.priority || Number(one.position) - Number(other.position));
  const paused = jobs.filter((job) => job.status === "paused");
  const finished = jobs.filter((job) => job.finished_at !== null);
  const newJob = (
    <Button aria-keyshortcuts="n" renderRoot={(props) => <Link to="/training/new" {...props} />}>
      New training
    </Button>
  );
  return (
    <>
      <PageHeader title="Training" description="What is trained now, what comes next, and what has been">
        <QueueButton />
        {newJob}
      </PageHeader>
      {error !== null && <ErrorNotice error={error} />}
      {data?.total === 0 && (
        <EmptyState title="Nothing has been trained yet" action={newJob}>
          A job teaches a model from a dataset. It ends as a new version that can be asked, judged and
          promoted.
        </EmptyState>
      )}
      <Stack gap="lg">
        <QueueNotice />
        {running.map((job) => (
          <RunningJob key={job.id} job={job} />
        ))}
        {queued.length > 0 && (
          <Section title="Queue">
            <JobQueue jobs={queued} />
          </Section>
        )}
        {paused.length > 0 && (
          <Section title="Paused">
            <Stack gap="xs">
              {paused.map((job) => (
                <PausedJob key={job.id} job={job} />
              ))}
            </Stack>
          </Section>
        )}
        {finished.length > 0 && (
          <Section title="Finished">
            <FinishedJobs jobs={finished} />
          </Section>
        )}
      </Stack>
    </>
  );
}
