import { useMemo } from "react";
import type { ChartAxis, ChartRange } from "../../../components/chart/series.ts";
import { useMetricSeries, type StartedSeries } from "../../../hub/metric-series.ts";
import type { ChartRun } from "./run-lines.ts";

/** A chart that is hardly wider than twice this in pixels shows no more. */
const mostBuckets = 400;
/** Fewer would show the shape of a curve no longer. */
const fewestBuckets = 64;
/** Points of all lines of a chart together; more of them hide each other. */
const mostPoints = 16_000;

/** Spans that each line is cut into: fewer the more lines there are. */
export function bucketsFor(lines: number): number {
  return Math.max(fewestBuckets, Math.min(mostBuckets, Math.floor(mostPoints / 2 / Math.max(1, lines))));
}

/** One metric of many runs. Of those that have ended nothing new is asked for when runs change. */
export function useLineSeries(
  runs: readonly ChartRun[],
  key: string,
  axis: ChartAxis,
  range: ChartRange | null,
): { series: readonly StartedSeries[] | undefined; error: Error | null } {
  const { settled, going } = useMemo(() => {
    const named = (some: readonly ChartRun[]) => some.map(({ id }) => ({ run_id: id, key }));
    return {
      settled: named(runs.filter(({ ended_at }) => ended_at !== null)),
      going: named(runs.filter(({ ended_at }) => ended_at === null)),
    };
  }, [runs, key]);
  const buckets = bucketsFor(runs.length);
  const first = useMetricSeries({ series: settled, axis, range, buckets, live: false });
  const second = useMetricSeries({ series: going, axis, range, buckets, live: true });
  const series = useMemo(() => {
    const missing =
      (settled.length > 0 && first.series === undefined) || (going.length > 0 && second.series === undefined);
    return missing ? undefined : [...(first.series ?? []), ...(second.series ?? [])];
  }, [settled, going, first.series, second.series]);
  return { series, error: first.error ?? second.error };
}
