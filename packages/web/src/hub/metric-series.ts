import type { MetricSeries } from "@hearth/wire/hub/metric-series";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { hub } from "./hub.ts";
import { nameOf, partsOf, startsOf, type ChartPart, type MetricName } from "./series-parts.ts";

export type { MetricName } from "./series-parts.ts";

export interface MetricSeriesOptions extends ChartPart {
  /** All metrics of one chart. */
  series: readonly MetricName[];
  /** Whether the runs may still go on: only then is looked for more. */
  live: boolean;
  /** About half the width of the chart in pixels. */
  buckets?: number;
}

/** `start`: when its first point was logged, in milliseconds since 1970; Infinity without a point. */
export type StartedSeries = MetricSeries & { start: number };

/**
 * Metrics for one chart: all of each, and within the range in full detail as soon as it is there. While others are
 * loaded they are still those asked for before: each says whose it is.
 */
export function useMetricSeries({ series, axis, range, live, buckets = 400 }: MetricSeriesOptions): {
  series: readonly StartedSeries[] | undefined;
  error: Error | null;
} {
  const meta = live ? { topics: ["runs" as const] } : {};
  const names = series.map(({ run_id, key }) => ({ run_id, key }));
  const whole = useQuery({
    queryKey: ["metric-series", names, buckets, live],
    queryFn: ({ signal }) => hub.runs.metricSeries({ series: names, buckets }, { signal }),
    enabled: names.length > 0,
    placeholderData: keepPreviousData,
    // To compare 100,000 numbers with those before costs more than to draw them.
    structuralSharing: false,
    meta,
  });
  const starts = useMemo(() => startsOf(whole.data ?? []), [whole.data]);
  const detail = useQuery({
    queryKey: ["metric-series", names, buckets, live, axis, range],
    queryFn: async ({ signal }) => {
      const asked = partsOf(names, { axis, range }, starts);
      const parts = asked.map((part) => hub.runs.metricSeries({ ...part, buckets }, { signal }));
      return (await Promise.all(parts)).flat();
    },
    // What is whole already has no more detail.
    enabled:
      range !== null && !whole.isPlaceholderData && whole.data?.some(({ complete }) => !complete) === true,
    placeholderData: keepPreviousData,
    structuralSharing: false,
    meta,
  });
  const shown = range === null ? whole.data : (detail.data ?? whole.data);
  return {
    series: useMemo(
      () => shown?.map((one) => ({ ...one, start: starts.get(nameOf(one)) ?? Infinity })),
      [shown, starts],
    ),
    error: whole.error ?? detail.error,
  };
}
