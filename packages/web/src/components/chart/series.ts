/** A line of a chart. The columns are of equal length. */
export interface LineSeries {
  /** What tells it from the others of its chart; default: its label. */
  id?: string;
  label: string;
  /** Ascending: steps, seconds since the first point, or milliseconds since 1970, as the chart's axis says. */
  x: readonly number[];
  /** Null, and what is no finite number, leaves a gap. */
  y: readonly (number | null)[];
  /** Around the line, as `groupBand` makes it; without one a band is made of what the line hides. */
  band?: Band;
  /** Whether y holds every point there is; false: extremes of spans. Default true. */
  complete?: boolean;
  /** Default: the colour of its place among the series. */
  color?: string;
}

/** Columns as long as those of its line. */
export interface Band {
  min: readonly (number | null)[];
  max: readonly (number | null)[];
}

/** A part of the x axis, both ends inclusive. */
export interface ChartRange {
  min: number;
  max: number;
}

/** What x counts: steps, seconds since the first point, milliseconds since 1970. */
export type ChartAxis = "step" | "relative" | "time";

/** The first index whose x is not below a value. */
export function lowerBound(x: readonly number[], value: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((x[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index whose x is the closest to a value and whose y is a number; undefined where there is none near. */
export function nearestIndex({ x, y }: Pick<LineSeries, "x" | "y">, value: number): number | undefined {
  const after = lowerBound(x, value);
  let best: number | undefined;
  for (const [start, direction] of [
    [after - 1, -1],
    [after, 1],
  ] as const) {
    let index = start;
    while (index >= 0 && index < x.length && y[index] === null) index += direction;
    const at = x[index];
    if (at === undefined) continue;
    if (best === undefined || Math.abs(at - value) < Math.abs((x[best] ?? 0) - value)) best = index;
  }
  return best;
}
