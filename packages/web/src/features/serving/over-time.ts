import type { ModelStatistics, ServingStatistics } from "@hearth/wire/hub/serving-statistics";
import type { LineSeries } from "../../components/chart/series.ts";

/** What is drawn; it does not change while nothing is counted. */
export type Counted = Pick<ServingStatistics, "models" | "at" | "bucket_seconds">;

/** More lines than this nobody can tell apart. */
const mostLines = 5;

/**
 * One value of the busiest models over time (ms since 1970). Where it is one that only answers have (a latency, not a
 * count), times without any answer are left out, so that a line goes from answer to answer.
 */
export function overTime(
  { models, at }: Counted,
  valueAt: (series: ModelStatistics["series"], index: number) => number | null,
): LineSeries[] {
  return models
    .slice(0, mostLines)
    .map(({ model, series }) => {
      const points = at.map((x, index) => ({ x, y: valueAt(series, index) })).filter(({ y }) => y !== null);
      return { label: model, x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
    })
    .filter(({ x }) => x.length > 0);
}

/** How many came a second; null of the last time, which is still running. */
export function rateOf(
  counts: readonly number[],
  index: number,
  { bucket_seconds }: Pick<Counted, "bucket_seconds">,
): number | null {
  return index === counts.length - 1 ? null : (counts[index] ?? 0) / bucket_seconds;
}
