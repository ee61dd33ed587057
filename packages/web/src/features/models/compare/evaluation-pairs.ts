import type { Evaluation } from "@hearth/wire/hub/evaluation";

export interface EvaluationPair {
  first: Evaluation;
  second: Evaluation;
}

/**
 * The newest evaluations of two versions on each dataset's split that both were measured on with as many rows. Those
 * from before rows were kept cannot be compared by rows.
 */
export function evaluationPairs(
  first: readonly Evaluation[],
  second: readonly Evaluation[],
): EvaluationPair[] {
  const pairs = new Map<string, EvaluationPair>();
  const place = ({ dataset_id: id, split, rows }: Evaluation): string => `${id} ${split} ${rows}`;
  const withRows = (one: Evaluation): boolean => one.bootstrap !== null;
  for (const one of first.filter(withRows)) {
    const key = place(one);
    const other = second.find((candidate) => withRows(candidate) && place(candidate) === key);
    if (other !== undefined && !pairs.has(key)) pairs.set(key, { first: one, second: other });
  }
  return [...pairs.values()];
}
