import { Alert, Button, Code, Group, Stack } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { notifications } from "@mantine/notifications";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { LogView } from "../../components/log-view/log-view.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { hub } from "../../hub/hub.ts";
import { CancelButton } from "./cancel-button.tsx";
import { JobCharts } from "./job-charts.tsx";
import { JobGuards } from "./job-guards.tsx";
import { JobFacts } from "./job-facts.tsx";
import { RunLink, VersionLink } from "./job-links.tsx";
import { JobProgressBar } from "./job-progress-bar.tsx";
import { PauseButton } from "./pause-button.tsx";
import { JobSamples } from "./job-samples.tsx";
import { ReproductionReport } from "./reproduction-report.tsx";
import { useJobEvents } from "./use-job-events.ts";

/** One job: how it goes, what it said, what came of it. */
export function JobPage() {
  const { jobId } = useParams({ from: "/training/jobs/$jobId" });
  const navigate = useNavigate();
  const { data: job, error } = useQuery({
    queryKey: ["training", jobId],
    queryFn: ({ signal }) => hub.jobs.get(jobId, { signal }),
    meta: { topics: ["jobs"] },
  });
  const { data: stored } = useQuery({
    queryKey: ["training", jobId, "log"],
    queryFn: ({ signal }) => hub.jobs.log(jobId, { tail: 100_000, signal }),
    // What a running job says comes by its events; all of it is not asked for again with each step.
    refetchInterval: job !== undefined && job.finished_at === null ? 10_000 : false,
  });
  const live = useJobEvents(job);
  const reproduce = useMutation({
    mutationFn: ({ model, version }: { model: string; version: number }) =>
      hub.models.reproduce(model, version),
    onSuccess: ({ id }) => navigate({ to: "/training/jobs/$jobId", params: { jobId: id } }),
    onError: (failure) => notifications.show({ color: "red", message: failure.message }),
  });
  if (error !== null) return <ErrorNotice error={error} />;
  if (job === undefined) return <PageHeader title="Training job" />;
  const over = job.finished_at !== null;
  return (
    <>
      <PageHeader
        title={`${job.kind === "reproduce" ? "Reproduce " : ""}${job.model}:${job.version}`}
        description={
          <Group gap="xs">
            <StatusBadge status={job.status} />
            {job.status === "completed" && <VersionLink job={job} />}
            <RunLink job={job} />
          </Group>
        }
      >
        {!over && <PauseButton job={job} />}
        {!over && <CancelButton job={job} />}
        {over && job.kind === "train" && (
          <Button
            variant="default"
            size="compact-sm"
            renderRoot={(props) => <Link to="/training/new" search={{ like: job.id }} {...props} />}
          >
            Train again with these settings
          </Button>
        )}
        {job.status === "completed" && job.kind === "train" && (
          <Button
            variant="default"
            size="compact-sm"
            loading={reproduce.isPending}
            onClick={() => reproduce.mutate(job)}
          >
            Reproduce
          </Button>
        )}
      </PageHeader>
      <Stack>
        {!over && <JobProgressBar progress={live.progress ?? job.progress} />}
        {job.error !== null && (
          <Alert color="red" title="The job failed" role="alert">
            <Code>{job.error.code}</Code> {job.error.message}
          </Alert>
        )}
        {job.reproduction !== null && <ReproductionReport report={job.reproduction} />}
        {job.identical !== null && job.reproduction === null && (
          <Alert color={job.identical ? "green" : "yellow"} title="Reproduction">
            {job.identical
              ? "Identical: the same bytes as the version's."
              : "Not identical: other bytes came out than the version's."}
          </Alert>
        )}
        <JobGuards job={job} />
        <JobCharts job={job} live={live.points} />
        <JobSamples job={job} />
        <JobFacts job={job} progress={live.progress ?? job.progress} />
        <Section title="Log">
          <LogView
            label="Log of the job"
            lines={joined(stored ?? [], over ? [] : live.lines)}
            fileName={`${job.model}-${job.version}.log`}
          />
        </Section>
      </Stack>
    </>
  );
}

/** The stored lines, then those that came since they were asked for. */
function joined(stored: readonly string[], live: readonly string[]): readonly string[] {
  if (live.length === 0) return stored;
  const said = new Set(live);
  const last = stored.findLast((line) => said.has(line));
  const known = last === undefined ? -1 : live.lastIndexOf(last);
  return [...stored, ...live.slice(known + 1)];
}
