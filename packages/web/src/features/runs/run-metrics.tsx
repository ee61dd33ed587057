import { SimpleGrid, Slider, Stack, Text } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { EmptyState } from "../../components/empty-state.tsx";
import { MetricChart } from "./metric-chart.tsx";

const route = "/experiments/$experimentId/runs/$runId";

/** One chart a metric. */
export function RunMetrics({ runId, keys }: { runId: string; keys: readonly string[] }) {
  const { smoothing = 0 } = useSearch({ from: route });
  const navigate = useNavigate({ from: route });
  if (keys.length === 0)
    return <EmptyState title="No metrics here">Charts appear as soon as the run logs one.</EmptyState>;
  const change = (value: number) =>
    void navigate({
      search: (before) => ({ ...before, smoothing: value === 0 ? undefined : value }),
      replace: true,
    });
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
          onChange={change}
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
