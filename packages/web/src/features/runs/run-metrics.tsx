import { SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import type { Run } from "@hearth/wire/hub/tracking";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { ChartToolbar } from "../../components/chart/chart-toolbar.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { InView } from "../../components/in-view.tsx";
import { formatCount } from "../../components/format.ts";
import { MetricChart } from "./metric-chart.tsx";
import { useRunView } from "./run-tab.ts";

/** One chart a metric; those in sight are drawn. */
export function RunMetrics({ run, keys }: { run: Run; keys: readonly string[] }) {
  const { view, change } = useRunView();
  // The address follows: an input that waited for it would lose what is typed meanwhile.
  const [find, setFind] = useState(view.find ?? "");
  if (keys.length === 0)
    return <EmptyState title="No metrics here">Charts appear as soon as the run logs one.</EmptyState>;
  const words = find.toLowerCase().split(/\s+/);
  const found = keys.filter((key) => words.every((word) => key.toLowerCase().includes(word)));
  return (
    <Stack>
      <ChartToolbar settings={view} onChange={change}>
        <TextInput
          size="xs"
          aria-label="Search metrics"
          placeholder="Search metrics"
          leftSection={<IconSearch size={14} />}
          value={find}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setFind(value);
            change({ find: value === "" ? undefined : value });
          }}
        />
        <Text size="sm" c="dimmed" role="status">
          {found.length === keys.length
            ? `${formatCount(keys.length)} ${keys.length === 1 ? "metric" : "metrics"}`
            : `${formatCount(found.length)} of ${formatCount(keys.length)} metrics`}
        </Text>
      </ChartToolbar>
      {found.length === 0 && (
        <EmptyState title="No metric has such a name">
          Search for a part of a name, or for several.
        </EmptyState>
      )}
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl" verticalSpacing="lg">
        {found.map((key) => (
          <section key={key} aria-label={key}>
            <InView minHeight={300}>
              <MetricChart
                runId={run.id}
                metric={key}
                settings={view}
                live={run.status === "RUNNING" || run.status === "SCHEDULED"}
              />
            </InView>
          </section>
        ))}
      </SimpleGrid>
    </Stack>
  );
}
