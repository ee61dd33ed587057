import { Group, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { hub } from "../../hub/hub.ts";
import { statusQuery } from "../../hub/queries.ts";
import { FirstVisit } from "./first-visit.tsx";
import { LastAnswers } from "./last-answers.tsx";
import { LastRuns } from "./last-runs.tsx";
import { LoadedModels } from "./loaded-models.tsx";
import { MachineCard } from "./machine-card.tsx";
import { WorkCard } from "./work-card.tsx";

const shown = 6;

/** What this hub is doing and did last; the first visit leads to the first answer or the first training. */
export function HomePage() {
  const status = useQuery(statusQuery);
  const traces = useQuery({
    queryKey: ["traces", "last", shown],
    queryFn: ({ signal }) => hub.traces.list({ pageSize: shown, signal }),
    meta: { topics: ["traces"] },
  });
  const runs = useQuery({
    queryKey: ["runs", "last", shown],
    queryFn: ({ signal }) => hub.runs.list({ pageSize: shown, signal }),
    meta: { topics: ["runs"] },
  });
  const error = status.error ?? traces.error ?? runs.error;
  const untouched = traces.data?.total === 0 && runs.data?.total === 0;
  return (
    <Stack gap="md">
      <PageHeader title="Home" description="What this hub is doing" />
      {error !== null && <ErrorNotice error={error} />}
      {untouched && <FirstVisit />}
      {status.data !== undefined && (
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Stack gap="md">
            <LoadedModels engines={status.data.engines} />
            <WorkCard status={status.data} />
          </Stack>
          <MachineCard />
        </SimpleGrid>
      )}
      {!untouched && (
        <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
          {traces.data !== undefined && <LastAnswers traces={traces.data.items} />}
          {runs.data !== undefined && <LastRuns runs={runs.data.items} />}
        </Group>
      )}
    </Stack>
  );
}
