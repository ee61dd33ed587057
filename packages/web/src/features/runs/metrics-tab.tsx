import { RunMetrics } from "./run-metrics.tsx";
import { useRun } from "./run-tab.ts";

const isSystem = (key: string): boolean => key.startsWith("system/");

/** Metrics that the program has logged. */
export function ModelMetricsTab() {
  return <MetricsOf which={(key) => !isSystem(key)} />;
}

/** Metrics of the machine that it ran on. */
export function SystemMetricsTab() {
  return <MetricsOf which={isSystem} />;
}

function MetricsOf({ which }: { which: (key: string) => boolean }) {
  const run = useRun();
  if (run === undefined) return null;
  return <RunMetrics run={run} keys={Object.keys(run.metrics).filter(which).toSorted()} />;
}
