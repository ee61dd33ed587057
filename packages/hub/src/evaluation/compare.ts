import type { Evaluation, EvaluationComparison, EvaluationRow } from "@hearth/wire/hub/evaluation";
import { HearthError } from "../errors.ts";
import { figuresOf } from "./measures/figures.ts";
import { bootstrapIntervals } from "./statistics/bootstrap.ts";
import type { Statistic } from "./statistics/statistic.ts";

/** An evaluation with its rows. */
export interface Compared {
  evaluation: Evaluation;
  rows: readonly EvaluationRow[];
}

/**
 * What the second is ahead of the first by, in every metric that both have, with the interval of a paired bootstrap:
 * both are resampled with the same rows, so that what is hard for both does not blur the difference.
 *
 * @throws HearthError `invalid_request` when they were not made on the same rows; the signal's reason
 */
export async function compareRows(
  first: Compared,
  second: Compared,
  { labels, seed }: { labels: readonly string[]; seed: number },
  signal: AbortSignal,
): Promise<EvaluationComparison> {
  refuseOtherRows(first, second);
  const known = new Map(figuresOf(second.rows, labels).map((figure) => [figure.name, figure]));
  const pairs = figuresOf(first.rows, labels).flatMap((one) => {
    const other = known.get(one.name);
    return other === undefined ? [] : [{ name: one.name, one, other }];
  });
  const rows = first.rows.length;
  const { intervals, drawn } = await bootstrapIntervals(
    rows,
    pairs.map(({ name, one, other }) => difference(name, one, other)),
    { seed },
    signal,
  );
  const once = new Uint32Array(rows).fill(1);
  const metrics: EvaluationComparison["metrics"] = {};
  for (const [index, { name, one, other }] of pairs.entries()) {
    const interval = intervals[index];
    if (interval === null || interval === undefined) continue;
    const [a, b] = [one.of(once), other.of(once)];
    if (!Number.isFinite(a) || !Number.isFinite(b)) continue;
    metrics[name] = {
      first: a,
      second: b,
      difference: b - a,
      ...interval,
      rows: Math.min(one.rows, other.rows),
    };
  }
  return {
    first: named(first),
    second: named(second),
    dataset_id: first.evaluation.dataset_id,
    split: first.evaluation.split,
    rows,
    metrics,
    right: whoIsRight(first.rows, second.rows),
    bootstrap: drawn,
  };
}

function difference(name: string, one: Statistic, other: Statistic): Statistic {
  return {
    name,
    rows: Math.min(one.rows, other.rows),
    of: (counts) => other.of(counts) - one.of(counts),
  };
}

function refuseOtherRows(first: Compared, second: Compared): void {
  const same =
    first.evaluation.dataset_id === second.evaluation.dataset_id &&
    first.evaluation.split === second.evaluation.split &&
    first.rows.length === second.rows.length &&
    first.rows.every(({ row }, index) => row === second.rows[index]?.row);
  if (same) return;
  const words = ({ evaluation, rows }: Compared): string =>
    `${evaluation.model}:${evaluation.version} on ${rows.length} rows of ${evaluation.split} of dataset ${evaluation.dataset_id}`;
  throw new HearthError(
    "invalid_request",
    `the evaluations were not made on the same rows: ${words(first)}, ${words(second)}; evaluate both on the same`,
    { details: { field: "other" } },
  );
}

function named({ evaluation: { id, model, version } }: Compared): EvaluationComparison["first"] {
  return { id, model, version };
}

function whoIsRight(
  first: readonly EvaluationRow[],
  second: readonly EvaluationRow[],
): EvaluationComparison["right"] {
  const right = { both: 0, only_first: 0, only_second: 0, neither: 0 };
  for (const [index, { right: one }] of first.entries()) {
    const other = second[index]?.right ?? null;
    if (one === null || other === null) continue;
    if (one) right[other ? "both" : "only_first"] += 1;
    else right[other ? "only_second" : "neither"] += 1;
  }
  return right;
}
