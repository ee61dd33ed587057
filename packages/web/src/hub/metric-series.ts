import type { MetricSeries } from "@hearth/wire/hub/metric-series";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { hub } from "./hub.ts";

/** A metric of a run. */
export interface MetricName {
  run_id: string;
  key: string;
}

export interface MetricSeriesOptions {
  /** All metrics of one chart. */
  series: readonly MetricName[];
  /** What x counts: steps, seconds since each one's first point, milliseconds since 1970. */
  axis: "step" | "relative" | "time";
  /** What the chart is zoomed to: its points come in full detail. Null: all of it. */
  range: { min: number; max: number } | null;
  /** Whether the runs may still go on: only then is looked for more. */
  live: boolean;
  /** About half the width of the chart in pixels. */
  buckets?: number;
}

/** `start`: when its first point was logged, in milliseconds since 1970; Infinity without a point. */
export type StartedSeries = MetricSeries & { start: number };

/** Runs whose part is asked for each by itself; more of them share one that covers all. */
const mostParts = 20;

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

function nameOf({ run_id, key }: MetricName): string {
  return JSON.stringify([run_id, key]);
}

function startsOf(series: readonly MetricSeries[]): Map<string, number> {
  return new Map(
    series.map((one) => [nameOf(one), one.timestamp.reduce((a, b) => Math.min(a, b), Infinity)]),
  );
}

/** What to ask for a part: on the axis of relative time each run has times of its own. */
function partsOf(
  series: MetricName[],
  { axis, range }: Pick<MetricSeriesOptions, "axis" | "range">,
  starts: ReadonlyMap<string, number>,
) {
  if (range === null) return [{ series }];
  const { min, max } = range;
  if (axis === "step") return [{ series, start_step: Math.floor(min), end_step: Math.ceil(max) }];
  if (axis === "time") return [{ series, start_time: Math.floor(min), end_time: Math.ceil(max) }];
  const timesOf = (from: number, to: number) => ({
    start_time: Math.floor(from + min * 1000),
    end_time: Math.ceil(to + max * 1000),
  });
  const known = series.map((one) => starts.get(nameOf(one)) ?? Infinity).filter(Number.isFinite);
  if (known.length === 0) return [{ series }];
  if (series.length > mostParts) return [{ series, ...timesOf(Math.min(...known), Math.max(...known)) }];
  return series.map((one) => {
    const start = starts.get(nameOf(one)) ?? Infinity;
    return { series: [one], ...(Number.isFinite(start) ? timesOf(start, start) : {}) };
  });
}
