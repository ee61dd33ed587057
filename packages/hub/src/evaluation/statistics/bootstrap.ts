import { setImmediate as nextTurn } from "node:timers/promises";
import { seededRandom } from "../../training/trainers/onnx/data/random.ts";
import type { Statistic } from "./statistic.ts";

export interface Interval {
  low: number;
  high: number;
}

export interface BootstrapOptions {
  /** Below 2^32. */
  seed: number;
  /** Default 1,000; fewer where the rows are so many that it would take minutes. */
  resamples?: number;
  /** Share of the resamples between the ends; default 0.95. */
  level?: number;
}

/** What was drawn, for whoever reads the intervals. */
export interface Drawn {
  resamples: number;
  seed: number;
  level: number;
}

export const defaultSeed = 1;
const usualResamples = 1_000;
const fewestResamples = 200;
/** Rows times resamples: some seconds of work. */
const mostDraws = 2e8;
/** Other requests of this process get their turn at least so often. */
const turnMs = 10;

/**
 * Percentile bootstrap (Efron, 1979): as many rows as there are, drawn with replacement, again and again by a stated
 * seed; the ends are the percentiles of what each statistic comes to. All statistics see the same resamples, so that
 * the difference of two of them is paired. One that is not a number in a resample leaves it out; without any
 * number it has no interval.
 *
 * @throws the signal's reason
 */
export async function bootstrapIntervals(
  rows: number,
  statistics: readonly Statistic[],
  { seed, resamples: wanted = usualResamples, level = 0.95 }: BootstrapOptions,
  signal: AbortSignal,
): Promise<{ intervals: (Interval | null)[]; drawn: Drawn }> {
  const affordable = Math.max(fewestResamples, Math.floor(mostDraws / Math.max(1, rows)));
  const resamples = Math.min(wanted, affordable);
  const found = statistics.map(() => new Float64Array(resamples));
  const counts = new Uint32Array(rows);
  const random = seededRandom(seed, "bootstrap", rows);
  let since = performance.now();
  for (let resample = 0; resample < resamples && rows > 0; resample++) {
    counts.fill(0);
    for (let drawn = 0; drawn < rows; drawn++) {
      const row = random.integer(rows);
      counts[row] = (counts[row] ?? 0) + 1;
    }
    for (const [index, statistic] of statistics.entries()) {
      const values = found[index];
      if (values !== undefined) values[resample] = statistic.of(counts);
    }
    if (performance.now() - since > turnMs) {
      await nextTurn();
      signal.throwIfAborted();
      since = performance.now();
    }
  }
  return {
    intervals: found.map((values) => (rows === 0 ? null : between(values, level))),
    drawn: { resamples, seed, level },
  };
}

function between(values: Float64Array, level: number): Interval | null {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const low = percentile(sorted, (1 - level) / 2);
  const high = percentile(sorted, 1 - (1 - level) / 2);
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : null;
}

/** Between the two nearest values in proportion, as most libraries do by default (Hyndman and Fan's type 7). */
function percentile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const [lower = Number.NaN, upper = lower] = [sorted[below], sorted[below + 1]];
  return lower + (place - below) * (upper - lower);
}
