import type { ModelStatistics, ServingStatistics } from "@hearth/wire/hub/serving-statistics";

export interface Line {
  label: string;
  y: (number | null)[];
}

/** What is drawn; it does not change while nothing is counted. */
export type Counted = Pick<ServingStatistics, "models" | "at" | "bucket_seconds">;

export interface OverTime {
  /** Minutes or hours before now, as negative numbers. */
  x: number[];
  lines: Line[];
}

/** More lines than this nobody can tell apart. */
const mostLines = 5;

/** How long before now a unit of the axis is. */
export function unitOf({ bucket_seconds: seconds }: Pick<Counted, "bucket_seconds">) {
  return seconds >= 600
    ? { seconds: 3600, name: "hours before now" }
    : { seconds: 60, name: "minutes before now" };
}

/**
 * One value of the busiest models over time. Where it is one that only answers have (a latency, not a count), times
 * without any answer are left out, so that a line goes from answer to answer.
 */
export function overTime(
  { models, at, bucket_seconds }: Counted,
  valueAt: (series: ModelStatistics["series"], index: number) => number | null,
): OverTime {
  const busiest = models.slice(0, mostLines);
  const unit = unitOf({ bucket_seconds }).seconds * 1000;
  const last = at.at(-1) ?? 0;
  const all = at.map((begin, index) => ({
    x: (begin - last) / unit,
    values: busiest.map(({ series }) => valueAt(series, index)),
  }));
  const shown = all.filter(({ values }) => values.some((value) => value !== null));
  return {
    x: shown.map(({ x }) => x),
    lines: busiest.map(({ model }, line) => ({
      label: model,
      y: shown.map(({ values }) => values[line] ?? null),
    })),
  };
}

/** How many came a second; null of the last time, which is still running. */
export function rateOf(
  counts: readonly number[],
  index: number,
  { bucket_seconds }: Pick<Counted, "bucket_seconds">,
): number | null {
  return index === counts.length - 1 ? null : (counts[index] ?? 0) / bucket_seconds;
}
