import { median, type BenchRow } from "../report.ts";

/** Of each one's samples. */
export function medians(samples: Record<string, number[]>): Record<string, number> {
  return Object.fromEntries(Object.entries(samples).map(([who, list]) => [who, median(list)]));
}

/** A row of Hearth alone, with what it should hold. */
export function limited(
  name: string,
  unit: string,
  samples: number[],
  target: string,
  holds: (value: number) => boolean,
): BenchRow {
  const value = median(samples);
  return { name, unit, values: { Hearth: value }, samples: { Hearth: samples }, target, held: holds(value) };
}
