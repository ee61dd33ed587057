import type { Run } from "@hearth/wire/hub/tracking";

/** One axis of parallel coordinates. */
export interface Axis {
  name: string;
  /** Undefined: numbers. */
  categories: string[] | undefined;
  /** In the order of the runs; of categories their places; null where a run has none. */
  values: (number | null)[];
}

export const mostAxes = 12;

type Values = Pick<Run, "params" | "metrics">;

/** Params that differ and metrics, each an axis: numbers where all its values are, categories else. */
export function axesOf(runs: readonly Values[]): Axis[] {
  const params = keysOf(runs, "params").flatMap((key): Axis[] =>
    new Set(textsOf(runs, key)).size < 2 ? [] : [paramAxis(runs, key)],
  );
  const metrics = keysOf(runs, "metrics").map((key) => metricAxis(runs, key));
  return [...params.slice(0, mostAxes - Math.min(metrics.length, 6)), ...metrics].slice(0, mostAxes);
}

/** The axis of a parameter. */
export function paramAxis(runs: readonly Values[], key: string): Axis {
  const texts = textsOf(runs, key);
  const numbers = texts.map((text) => (text === undefined || text.trim() === "" ? null : Number(text)));
  const isNumeric = texts.every((text, at) => text === undefined || Number.isFinite(numbers[at] ?? NaN));
  if (isNumeric) return { name: key, categories: undefined, values: numbers };
  const categories = [...new Set(texts.flatMap((text) => text ?? []))].toSorted();
  const values = texts.map((text) => (text === undefined ? null : categories.indexOf(text)));
  return { name: key, categories, values };
}

/** The axis of a metric. */
export function metricAxis(runs: readonly Values[], key: string): Axis {
  const values = runs.map((run) => (Object.hasOwn(run.metrics, key) ? (run.metrics[key] ?? null) : null));
  return { name: key, categories: undefined, values };
}

function textsOf(runs: readonly Values[], key: string): (string | undefined)[] {
  return runs.map((run) => (Object.hasOwn(run.params, key) ? run.params[key] : undefined));
}

/** Which runs are within the intervals that were drawn on the axes (by their places). */
export function within(
  axes: readonly Axis[],
  intervals: ReadonlyMap<number, readonly (readonly number[])[]>,
  run: number,
): boolean {
  return [...intervals].every(([axis, drawn]) => {
    if (drawn.length === 0) return true;
    const value = axes[axis]?.values[run] ?? null;
    return value !== null && drawn.some(([low = 0, high = 0]) => value >= low && value <= high);
  });
}

function keysOf(runs: readonly Values[], kind: "params" | "metrics"): string[] {
  return [...new Set(runs.flatMap((run) => Object.keys(run[kind])))].toSorted();
}
