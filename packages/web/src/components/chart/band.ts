import { lowerBound, type Band, type LineSeries } from "./series.ts";

/** Places of x that a band of a group has at most: about two pixels each. */
const most = 400;

/** The points before and after each that count with it. */
export interface Window {
  before: number;
  after: number;
}

/** Of each point the smallest and the largest of those in the window around it. Gaps stay gaps. */
export function rollingBand(y: readonly (number | null)[], window: Window): Band {
  return {
    min: rollingExtreme(y, window, (one, other) => one <= other),
    max: rollingExtreme(y, window, (one, other) => one >= other),
  };
}

/** Of each point the mean of those in the window around it. Gaps stay gaps and are not averaged in. */
export function rollingMean(y: readonly (number | null)[], { before, after }: Window): (number | null)[] {
  return y.map((value, index) => {
    if (value === null) return null;
    let [sum, count] = [0, 0];
    for (let other = Math.max(0, index - before); other <= index + after; other++) {
      const found = y[other];
      if (found === null || found === undefined) continue;
      sum += found;
      count += 1;
    }
    return sum / count;
  });
}

/** In one pass: what a later and more extreme point outdoes is forgotten (a monotonic queue). */
function rollingExtreme(
  y: readonly (number | null)[],
  { before, after }: Window,
  outdoes: (one: number, other: number) => boolean,
): (number | null)[] {
  const queue: number[] = [];
  let first = 0;
  let next = 0;
  const at = (place: number): number => y[queue[place] ?? -1] ?? NaN;
  return y.map((value, index) => {
    for (; next <= index + after && next < y.length; next++) {
      const entering = y[next];
      if (entering === null || entering === undefined) continue;
      while (queue.length > first && outdoes(entering, at(queue.length - 1))) queue.pop();
      queue.push(next);
    }
    while ((queue[first] ?? index) < index - before) first += 1;
    return value === null ? null : at(first);
  });
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
  const all = fewPlaces(lines);
  if (all !== undefined) return all.map((at, index) => ({ from: at, to: all[index + 1] ?? Infinity, at }));
  const first = lines.reduce((least, { x }) => Math.min(least, x[0] ?? Infinity), Infinity);
  const last = lines.reduce((largest, { x }) => Math.max(largest, x.at(-1) ?? -Infinity), -Infinity);
  const width = (last - first) / (most - 1);
  return Array.from({ length: most }, (_, index) => {
    const from = first + index * width;
    // The last place is the last x itself, so that the line ends where its points do.
    return index === most - 1
      ? { from: last, to: Infinity, at: last }
      : { from, to: Math.min(from + width, last), at: index === 0 ? from : from + width / 2 };
  });
}

/** Every x of lines, ascending; undefined where there are too many to keep them apart. */
function fewPlaces(lines: readonly Line[]): number[] | undefined {
  const all = new Set<number>();
  for (const { x } of lines) {
    for (const at of x) {
      all.add(at);
      if (all.size > most) return undefined;
    }
  }
  return [...all].toSorted((a, b) => a - b);
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
