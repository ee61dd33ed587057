import { SegmentedControl, Stack } from "@mantine/core";
import { statisticsWindow, type StatisticsWindow } from "@hearth/wire/hub/serving-statistics";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { MachineReadings } from "../../components/machine/machine-readings.tsx";
import { PageHeader } from "../../components/page-header.tsx";
import { Section } from "../../components/section.tsx";
import { machineQuery, statusQuery } from "../../hub/queries.ts";
import { ByModel } from "./by-model.tsx";
import { EngineEvents } from "./engine-events.tsx";
import { Engines } from "./engines.tsx";
import { FigureTiles } from "./figure-tiles.tsx";
import { PromptCache } from "./prompt-cache.tsx";
import { Providers } from "./providers.tsx";
import { statisticsQuery } from "./queries.ts";
import { RunningRequests } from "./running-requests.tsx";
import { defaultWindow, windowNames } from "./search.ts";
import { ServingCharts } from "./serving-charts.tsx";

const route = getRouteApi("/serving");

/** What is loaded, who is being answered and how it went, and what the machine has left. */
export function ServingPage() {
  const { window = defaultWindow } = route.useSearch();
  const status = useQuery(statusQuery);
  const statistics = useQuery(statisticsQuery(window));
  const machine = useQuery(machineQuery);
  const error = status.error ?? statistics.error ?? machine.error;
  return (
    <>
      <PageHeader title="Serving" description="What is loaded, who is being answered, and how it went">
        <WindowChoice window={window} />
      </PageHeader>
      <Stack gap="xl">
        {error !== null && <ErrorNotice error={error} />}
        {status.data !== undefined && statistics.data !== undefined && (
          <>
            <FigureTiles statistics={statistics.data} status={status.data} />
            <Engines engines={status.data.engines} />
            <RunningRequests />
            <ServingCharts {...statistics.data} />
            <ByModel models={statistics.data.models} engines={status.data.engines} />
            <PromptCache total={statistics.data.total} engines={status.data.engines} />
          </>
        )}
        <EngineEvents />
        {status.data !== undefined && <Providers providers={status.data.providers} />}
        {machine.data !== undefined && (
          <Section title="Machine">
            <MachineReadings machine={machine.data} cols={{ base: 1, sm: 2, lg: 4 }} />
          </Section>
        )}
      </Stack>
    </>
  );
}

function WindowChoice({ window }: { window: StatisticsWindow }) {
  const navigate = route.useNavigate();
  return (
    <SegmentedControl
      aria-label="How far back"
      size="xs"
      value={window}
      data={statisticsWindow.options.map((value) => ({ value, label: windowNames[value] }))}
      onChange={(value) =>
        void navigate({ search: { window: statisticsWindow.parse(value) }, replace: true })
      }
    />
  );
}
