import { rollingBand, rollingMean, type Window } from "./band.ts";
import { seriesColor, seriesDash, type Scheme } from "./colors.ts";
import { lowerBound, type Band, type ChartRange, type LineSeries } from "./series.ts";
import { smooth } from "./smooth.ts";

/** A series as it is drawn. */
export interface DrawnLine {
  id: string;
  label: string;
  x: readonly number[];
  y: readonly (number | null)[];
  /** The unsmoothed line, where it is drawn behind. */
  behind: readonly (number | null)[] | null;
  band: Band | null;
  color: string;
  dash: readonly number[];
}

export interface LineOptions {
  /** Weight of the moving average, in [0, 1). */
  smoothing: number;
  band: boolean;
  scheme: Scheme;
}

/** How series are drawn: smoothed, with what the smoothing or the spans hide behind or as a band around it. */
export function drawnLines(series: readonly LineSeries[], options: LineOptions): DrawnLine[] {
  return series.map((one, index) => {
    const { id = one.label, label, x, color = seriesColor(index, options.scheme) } = one;
    // Who gives a colour tells lines apart by it: dashes would change with the place.
    const dash = one.color === undefined ? seriesDash(index) : [];
    return { id, label, x, color, dash, ...shapeOf(one, options) };
  });
}

function shapeOf(
  { y, band, complete = true }: LineSeries,
  { smoothing, band: wanted }: LineOptions,
): Pick<DrawnLine, "y" | "behind" | "band"> {
  const line = smooth(y, smoothing);
  if (wanted && band !== undefined) return { y: line, behind: null, band };
  if (wanted && (smoothing > 0 || !complete)) {
    const [known, window] = [smooth(y, 0), windowOf(smoothing)];
    return {
      y: smoothing > 0 ? line : rollingMean(known, window),
      behind: null,
      band: rollingBand(known, window),
    };
  }
  return { y: line, behind: smoothing > 0 ? y : null, band: null };
}

/** An average looks back over so many points that it is inside its band; spans have one pair of extremes each. */
function windowOf(smoothing: number): Window {
  if (smoothing === 0) return { before: 2, after: 2 };
  return { before: Math.min(100, Math.ceil(2 / (1 - smoothing))), after: 0 };
}

/** The first and the last x of lines; undefined without a point. */
export function extentOf(lines: readonly Pick<LineSeries, "x">[], positive = false): ChartRange | undefined {
  let [min, max] = [Infinity, -Infinity];
  for (const { x } of lines) {
    const start = positive ? lowerBound(x, Number.MIN_VALUE) : 0;
    min = Math.min(min, x[start] ?? Infinity);
    if (start < x.length) max = Math.max(max, x.at(-1) ?? -Infinity);
  }
  return min <= max ? { min, max } : undefined;
}

/** The smallest and the largest y of lines in a part of x; only what is above 0 where it must be. */
export function heightOf(
  lines: readonly DrawnLine[],
  range: ChartRange,
  positive: boolean,
): ChartRange | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const { x, y, behind, band } of lines) {
    const columns = [y, ...(behind === null ? [] : [behind]), ...(band === null ? [] : [band.min, band.max])];
    // One point more on either side: their lines cross the edge.
    const start = Math.max(0, lowerBound(x, range.min) - 1);
    const end = Math.min(x.length, lowerBound(x, range.max) + 1);
    for (const column of columns) {
      for (let index = start; index < end; index++) {
        const value = column[index];
        if (value === null || value === undefined || (positive && value <= 0)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  return low <= high ? { min: low, max: high } : undefined;
}

/** Points that have no place on a chart: what is no finite number, and on a logarithmic axis what is not above 0. */
export function countHidden(
  series: readonly LineSeries[],
  { logX, logY }: { logX: boolean; logY: boolean },
): { infinite: number; notPositive: number } {
  const hidden = { infinite: 0, notPositive: 0 };
  for (const { x, y } of series) {
    for (const [index, value] of y.entries()) {
      if (value === null || !Number.isFinite(value)) hidden.infinite += 1;
      else if ((logY && value <= 0) || (logX && (x[index] ?? 0) <= 0)) hidden.notPositive += 1;
    }
  }
  return hidden;
}
