import { mostExamples, type Evaluation } from "@hearth/wire/hub/evaluation";

export type StoredAnswer = { right: true } | { right: false; answer: string };

/**
 * What an evaluation keeps of a row, counted from 1. Of the wrong answers the first twenty are kept: a row between
 * those that is not among them was answered as expected; null: the evaluation does not tell.
 */
export function storedAnswer({ examples, rows, metrics }: Evaluation, row: number): StoredAnswer | null {
  // It asked for no answers at all, but for how likely the expected ones are.
  if (metrics["accuracy"] === undefined) return null;
  const wrong = examples.find((example) => example.row === row);
  if (wrong !== undefined) return { right: false, answer: wrong.answer };
  const told = examples.length < mostExamples ? rows : (examples.at(-1)?.row ?? 0);
  return row <= told ? { right: true } : null;
}

/** Rows of which the evaluations keep different answers. */
export function differingRows(evaluations: readonly Evaluation[]): number[] {
  const rows = new Set(evaluations.flatMap(({ examples }) => examples.map(({ row }) => row)));
  return [...rows]
    .filter((row) => {
      const told = evaluations.map((one) => storedAnswer(one, row));
      if (told.includes(null)) return false;
      const answers = told.map((one) => (one === null || one.right ? null : one.answer));
      return new Set(answers).size > 1;
    })
    .toSorted((a, b) => a - b);
}
