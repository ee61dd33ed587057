import { Group, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { Age } from "../../components/age.tsx";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { StatusBadge } from "../../components/status-badge.tsx";
import { runQuery } from "../../hub/queries.ts";
import { RunMetrics } from "./run-metrics.tsx";
import { RunOverview } from "./run-overview.tsx";

const route = "/experiments/$experimentId/runs/$runId";
const tabs = ["overview", "metrics", "system"] as const;
const isSystem = (key: string): boolean => key.startsWith("system/");

/** One run: what it was told and what it reported. */
export function RunPage() {
  const { runId } = useParams({ from: route });
  const { tab = "overview" } = useSearch({ from: route });
  const navigate = useNavigate({ from: route });
  const { data, error } = useQuery(runQuery(runId));
  if (data === undefined)
    return (
      <>
        <PageHeader title="Run" />
        {error !== null && <ErrorNotice error={error} />}
      </>
    );
  const keys = Object.keys(data.metrics).toSorted();
  const show = (value: string | null) =>
    void navigate({
      search: (before) => ({ ...before, tab: tabs.find((one) => one === value) }),
      replace: true,
    });
  const description = (
    <Group gap="xs">
      <StatusBadge status={data.status} />
      <Age at={data.started_at} />
    </Group>
  );
  return (
    <>
      <PageHeader title={data.name === "" ? "Run" : data.name} description={description} />
      <Tabs value={tab} onChange={show} keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="overview">Overview</Tabs.Tab>
          <Tabs.Tab value="metrics">Metrics</Tabs.Tab>
          <Tabs.Tab value="system">System metrics</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="overview">
          <RunOverview run={data} />
        </Tabs.Panel>
        <Tabs.Panel value="metrics">
          <RunMetrics run={data} keys={keys.filter((key) => !isSystem(key))} />
        </Tabs.Panel>
        <Tabs.Panel value="system">
          <RunMetrics run={data} keys={keys.filter(isSystem)} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
