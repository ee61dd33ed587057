import { lowerBound, type Band, type LineSeries } from "./series.ts";

/** Places of x that a band of a group has at most: about two pixels each. */
const most = 400;

/**
 * Of each point the smallest, the mean and the largest of itself and the points `before` and `after` it. Gaps stay
 * gaps and are not averaged in.
 */
export function rollingBand(
  y: readonly (number | null)[],
  { before, after }: { before: number; after: number },
): Band & { mean: (number | null)[] } {
  const [min, mean, max]: [(number | null)[], (number | null)[], (number | null)[]] = [[], [], []];
  for (const [index, value] of y.entries()) {
    if (value === null) {
      for (const column of [min, mean, max]) column.push(null);
      continue;
    }
    let [low, high, sum, count] = [value, value, 0, 0];
    for (let other = Math.max(0, index - before); other <= Math.min(y.length - 1, index + after); other++) {
      const found = y[other];
      if (found === null || found === undefined) continue;
      low = Math.min(low, found);
      high = Math.max(high, found);
      sum += found;
      count += 1;
    }
    min.push(low);
    mean.push(sum / count);
    max.push(high);
  }
  return { min, mean, max };
}

/**
 * Several lines as one: the mean, with the smallest and the largest around it. A line counts from its first x to
 * its last, straight between two of its points; where there are many places of x they are put together, and no
 * peak is lost of the band.
 */
export function groupBand(
  lines: readonly Pick<LineSeries, "x" | "y">[],
): Required<Pick<LineSeries, "x" | "y" | "band">> {
  const own = lines.map(withoutGaps).filter(({ x }) => x.length > 0);
  const places = placesOf(own);
  const sums = places.map(() => ({ sum: 0, count: 0, min: Infinity, max: -Infinity }));
  for (const line of own) addLine(line, places, sums);
  return {
    x: places.map(({ at }) => at),
    y: sums.map(({ sum, count }) => (count === 0 ? null : sum / count)),
    band: {
      min: sums.map(({ count, min }) => (count === 0 ? null : min)),
      max: sums.map(({ count, max }) => (count === 0 ? null : max)),
    },
  };
}

interface Line {
  x: number[];
  y: number[];
}

/** A span of x, from inclusive, to exclusive, and where in it the point is drawn. */
interface Place {
  from: number;
  to: number;
  at: number;
}

interface Sum {
  sum: number;
  count: number;
  min: number;
  max: number;
}

function withoutGaps({ x, y }: Pick<LineSeries, "x" | "y">): Line {
  const line: Line = { x: [], y: [] };
  for (const [index, value] of y.entries()) {
    const at = x[index];
    if (value === null || !Number.isFinite(value) || at === undefined) continue;
    line.x.push(at);
    line.y.push(value);
  }
  return line;
}

function placesOf(lines: readonly Line[]): Place[] {
  const all = [...new Set(lines.flatMap(({ x }) => x))].toSorted((a, b) => a - b);
  const [first, last] = [all[0], all.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (all.length <= most) return all.map((at, index) => ({ from: at, to: all[index + 1] ?? Infinity, at }));
  const width = (last - first) / (most - 1);
  return Array.from({ length: most }, (_, index) => {
    const from = first + index * width;
    // The last place is the last x itself, so that the line ends where its points do.
    return index === most - 1
      ? { from: last, to: Infinity, at: last }
      : { from, to: Math.min(from + width, last), at: index === 0 ? from : from + width / 2 };
  });
}

function addLine({ x, y }: Line, places: readonly Place[], sums: Sum[]): void {
  const [first = Infinity, last = -Infinity] = [x[0], x.at(-1)];
  let next = 0;
  for (const [index, { to, at }] of places.entries()) {
    const start = next;
    let [sum, low, high] = [0, Infinity, -Infinity];
    for (; next < x.length && (x[next] ?? 0) < to; next++) {
      const value = y[next] ?? 0;
      sum += value;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    const here = sums[index];
    if (here === undefined) continue;
    if (next > start) {
      here.sum += sum / (next - start);
      here.count += 1;
    } else if (at >= first && at <= last) {
      low = high = valueAt({ x, y }, at);
      here.sum += low;
      here.count += 1;
    }
    here.min = Math.min(here.min, low);
    here.max = Math.max(here.max, high);
  }
}

/** Straight between the two points around it. */
function valueAt({ x, y }: Line, at: number): number {
  const after = lowerBound(x, at);
  const [x1 = at, y1 = 0] = [x[after], y[after]];
  const [x0 = x1, y0 = y1] = [x[after - 1], y[after - 1]];
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (at - x0)) / (x1 - x0);
}
