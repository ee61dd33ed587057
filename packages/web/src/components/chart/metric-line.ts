import type { MetricSeries } from "@hearth/wire/hub/metric-series";
import type { ChartAxis, LineSeries } from "./series.ts";

/**
 * A metric of a run as a line. `start`, in milliseconds since 1970, is where relative time begins; default: its
 * first point.
 */
export function metricLine(
  { step, timestamp, value, complete }: MetricSeries,
  axis: ChartAxis,
  label: string,
  start?: number,
): LineSeries {
  if (axis === "step") return { label, x: step, y: value, complete };
  const first = start ?? timestamp.reduce((a, b) => Math.min(a, b), Infinity);
  const xOf = (at: number): number => (axis === "time" ? at : (at - first) / 1000);
  // A run that went on after a fault counts steps again: later is not further on then.
  const points = timestamp
    .map((at, index) => ({ x: xOf(at), y: value[index] ?? null }))
    .toSorted((a, b) => a.x - b.x);
  return { label, x: points.map(({ x }) => x), y: points.map(({ y }) => y), complete };
}
