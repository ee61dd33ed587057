import { Text } from "@mantine/core";
import type { RunDetails } from "@hearth/wire/hub/run-details";
import { formatCount, formatMetric } from "../../../components/format.ts";
import { Section } from "../../../components/section.tsx";
import { PairTable } from "./pair-table.tsx";

/** The last value of each metric, and its step. */
export function RunMetricsTable({ run, find }: { run: RunDetails; find: string }) {
  const pairs = Object.entries(run.metrics).map(([key, value]) => ({ key, value: formatMetric(value) }));
  return (
    <Section title="Metrics">
      <PairTable
        title="Metrics"
        pairs={pairs}
        find={find}
        none="None were logged."
        extra={({ key }) => (
          <Text size="xs" c="dimmed">
            step {formatCount(run.latest_steps[key] ?? 0)}
          </Text>
        )}
      />
    </Section>
  );
}
