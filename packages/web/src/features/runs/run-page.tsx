import { Alert, Anchor, Group, Skeleton, Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useNavigate, useParams } from "@tanstack/react-router";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { experimentQuery, runQuery } from "../../hub/queries.ts";
import { Duration } from "./duration.tsx";
import { RunActions } from "./run-actions.tsx";
import { RunOver } from "./run-over.tsx";
import { runRoute } from "./run-tab.ts";

const tabs = [
  { name: "overview", label: "Overview", to: runRoute },
  { name: "model-metrics", label: "Model metrics", to: `${runRoute}/model-metrics` },
  { name: "system-metrics", label: "System metrics", to: `${runRoute}/system-metrics` },
  { name: "traces", label: "Traces", to: `${runRoute}/traces` },
  { name: "artifacts", label: "Artifacts", to: `${runRoute}/artifacts/$` },
] as const;

/** One run: what it was told, what it reported and what it left behind. */
export function RunPage() {
  const { runId } = useParams({ from: runRoute });
  const { data, error } = useQuery(runQuery(runId));
  if (data === undefined)
    return (
      <>
        <PageHeader title="Run" />
        {error === null ? <Skeleton height={240} /> : <ErrorNotice error={error} />}
      </>
    );
  return (
    <>
      <PageHeader title={data.name === "" ? "Run" : data.name} description={<Summary run={data} />}>
        <RunActions run={data} />
      </PageHeader>
      {error !== null && <ErrorNotice error={error} />}
      {data.lifecycle_stage === "deleted" && (
        <Alert variant="default" title="This run is deleted" mb="md">
          It can be read as before, and restored; until then nothing of it can be changed.
        </Alert>
      )}
      <RunOver run={data} />
      <RunTabs run={data} />
    </>
  );
}

function Summary({ run }: { run: RunDetails }) {
  const experiment = useQuery(experimentQuery(run.experiment_id));
  return (
    <Group gap="xs">
      <Anchor href={`#/experiments/${encodeURIComponent(run.experiment_id)}`} inherit underline="always">
        {experiment.data?.name ?? `Experiment ${run.experiment_id}`}
      </Anchor>
      <StatusBadge status={run.status} />
      <Text span inherit>
        started <Age at={run.started_at} />
      </Text>
      <Text span inherit>
        <Duration run={run} />
      </Text>
    </Group>
  );
}

function RunTabs({ run }: { run: RunDetails }) {
  const navigate = useNavigate();
  const { pathname } = useLocation();
  // `/experiments/1/runs/2/artifacts/a.txt`
  const shown = pathname.split("/")[5];
  const tab = tabs.find(({ name }) => name === shown)?.name ?? "overview";
  const params = { experimentId: run.experiment_id, runId: run.id };
  const show = (value: string | null) => {
    const to = tabs.find(({ name }) => name === value)?.to;
    if (to !== undefined) void navigate({ to, params, search: true });
  };
  return (
    <Tabs value={tab} onChange={show} keepMounted={false}>
      <Tabs.List mb="md">
        {tabs.map(({ name, label }) => (
          <Tabs.Tab key={name} value={name}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab}>
        <Outlet />
      </Tabs.Panel>
    </Tabs>
  );
}
