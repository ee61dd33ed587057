import type { MetricSeries, MetricSeriesRequest } from "@hearth/wire/hub/metric-series";

/** A metric of a run. */
export interface MetricName {
  run_id: string;
  key: string;
}

/** What of its metrics a chart shows. */
export interface ChartPart {
  /** What x counts: steps, seconds since each one's first point, milliseconds since 1970. */
  axis: "step" | "relative" | "time";
  /** What the chart is zoomed to: its points come in full detail. Null: all of it. */
  range: { min: number; max: number } | null;
}

/** Runs whose part is asked for each by itself; more of them share one that covers all. */
const mostParts = 20;

/** One text for a metric of a run. */
export function nameOf({ run_id, key }: MetricName): string {
  return JSON.stringify([run_id, key]);
}

/** When the first point of each was logged, by its name; Infinity without a point. */
export function startsOf(series: readonly MetricSeries[]): Map<string, number> {
  return new Map(
    series.map((one) => [nameOf(one), one.timestamp.reduce((a, b) => Math.min(a, b), Infinity)]),
  );
}

/** What to ask for a part: on the axis of relative time each run has times of its own. */
export function partsOf(
  series: readonly MetricName[],
  { axis, range }: ChartPart,
  starts: ReadonlyMap<string, number>,
): MetricSeriesRequest[] {
  const all = [...series];
  if (range === null) return [{ series: all }];
  const { min, max } = range;
  if (axis === "step") return [{ series: all, start_step: Math.floor(min), end_step: Math.ceil(max) }];
  if (axis === "time") return [{ series: all, start_time: Math.floor(min), end_time: Math.ceil(max) }];
  const timesOf = (from: number, to: number) => ({
    start_time: Math.floor(from + min * 1000),
    end_time: Math.ceil(to + max * 1000),
  });
  const known = series.map((one) => starts.get(nameOf(one)) ?? Infinity).filter(Number.isFinite);
  if (known.length === 0) return [{ series: all }];
  if (series.length > mostParts) return [{ series: all, ...timesOf(Math.min(...known), Math.max(...known)) }];
  return series.map((one) => {
    const start = starts.get(nameOf(one)) ?? Infinity;
    return { series: [one], ...(Number.isFinite(start) ? timesOf(start, start) : {}) };
  });
}
