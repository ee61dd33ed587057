import { Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { chartProps, type ChartSettings } from "../../components/chart/chart-search.ts";
import { LineChart } from "../../components/chart/line-chart.tsx";
import { metricLine } from "../../components/chart/metric-line.ts";
import type { ChartAxis, ChartRange } from "../../components/chart/series.ts";
import { ErrorNotice } from "../../components/error-notice.tsx";
import { useMetricSeries } from "../../hub/metric-series.ts";

export interface MetricChartProps {
  runId: string;
  metric: string;
  settings: ChartSettings;
  /** Whether the run goes on. */
  live: boolean;
}

const over: Readonly<Record<ChartAxis, string>> = {
  step: "steps",
  relative: "relative time",
  time: "wall time",
};

/** One metric of one run. */
export function MetricChart({ runId, metric, settings, live }: MetricChartProps) {
  const drawn = chartProps(settings);
  const { axis } = drawn;
  // A part of one axis says nothing on another.
  const [zoomed, setZoomed] = useState<{ axis: ChartAxis; range: ChartRange | null }>({ axis, range: null });
  const range = zoomed.axis === axis ? zoomed.range : null;
  const { series, error } = useMetricSeries({
    series: [{ run_id: runId, key: metric }],
    axis,
    range,
    live,
  });
  const found = series?.[0];
  const lines = useMemo(
    () => (found === undefined ? undefined : [metricLine(found, axis, metric, found.start)]),
    [found, axis, metric],
  );
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      {lines !== undefined && (
        <LineChart
          {...drawn}
          label={`${metric} over ${over[axis]}`}
          heading={
            <Text component="h2" size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
              {metric}
            </Text>
          }
          series={lines}
          range={range}
          onZoom={(next) => setZoomed({ axis, range: next })}
        />
      )}
    </>
  );
}
