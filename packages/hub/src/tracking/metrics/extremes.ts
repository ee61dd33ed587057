import type { SeriesPoint } from "./history.ts";

/** The smallest and the largest point of each bucket. */
export class Extremes {
  readonly #buckets = new Map<number, { min: SeriesPoint; max: SeriesPoint }>();

  add(bucket: number, point: SeriesPoint): void {
    const found = this.#buckets.get(bucket);
    if (found === undefined) {
      this.#buckets.set(bucket, { min: point, max: point });
      return;
    }
    if (point.value < found.min.value) found.min = point;
    if (point.value > found.max.value) found.max = point;
  }

  /** Ordered by step. */
  points(): SeriesPoint[] {
    return [...this.#buckets.values()]
      .flatMap(({ min, max }) => (min === max ? [min] : [min, max]))
      .toSorted(byStep);
  }
}

/** The order of a chart: step, time, value. */
export function byStep(a: SeriesPoint, b: SeriesPoint): number {
  return a.step - b.step || a.timestamp - b.timestamp || a.value - b.value;
}
