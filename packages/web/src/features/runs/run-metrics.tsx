import { SimpleGrid, Slider, Stack, Text } from "@mantine/core";
import { EmptyState } from "../../components/empty-state.tsx";
import { MetricChart } from "./metric-chart.tsx";
import { useRunView } from "./run-tab.ts";

/** One chart a metric. */
export function RunMetrics({ runId, keys }: { runId: string; keys: readonly string[] }) {
  const { view, change } = useRunView();
  const { smoothing = 0 } = view;
  if (keys.length === 0)
    return <EmptyState title="No metrics here">Charts appear as soon as the run logs one.</EmptyState>;
  return (
    <Stack>
      <div>
        <Text size="sm">Smoothing</Text>
        <Slider
          maw={320}
          min={0}
          max={0.99}
          step={0.01}
          value={smoothing}
          onChange={(value) => change({ smoothing: value === 0 ? undefined : value })}
          thumbLabel="Smoothing"
        />
      </div>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {keys.map((key) => (
          <MetricChart key={key} runId={runId} metric={key} smoothing={smoothing} />
        ))}
      </SimpleGrid>
    </Stack>
  );
}
