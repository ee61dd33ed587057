import type { LabelFigures } from "@hearth/wire/hub/evaluation";
import { normalise } from "./compared-text.ts";

/** What an answer that is no label is counted under, and a row that could not be asked. */
export const other = "(other)";
export const refused = "(refused)";

/** Expected label → answered → rows. */
export type Confusion = Map<string, Map<string, number>>;

/** Finds the label that a text is, but for case and blanks around it. */
export function labelFinder(labels: readonly string[]): (text: string) => string | null {
  const byForm = new Map(labels.map((label) => [normalise(label), label]));
  return (text) => byForm.get(normalise(text)) ?? null;
}

export function confusionOf(
  rows: readonly { expected: string; answer: string | null }[],
  labels: readonly string[],
): Confusion {
  const labelOf = labelFinder(labels);
  const confusion: Confusion = new Map();
  for (const row of rows) {
    const expected = labelOf(row.expected) ?? row.expected;
    const answered = row.answer === null ? refused : (labelOf(row.answer) ?? other);
    const counts = confusion.get(expected) ?? new Map<string, number>();
    confusion.set(expected, counts.set(answered, (counts.get(answered) ?? 0) + 1));
  }
  return confusion;
}

/** Precision, recall and F1 of each label. F1 is 0 where a label occurs and is never right. */
export function labelReport(confusion: Confusion, labels: readonly string[]): LabelFigures[] {
  return labels.map((label) => {
    let right = 0;
    let expected = 0;
    let answered = 0;
    for (const [wanted, counts] of confusion) {
      for (const [given, rows] of counts) {
        if (wanted === label) expected += rows;
        if (given === label) answered += rows;
        if (wanted === label && given === label) right += rows;
      }
    }
    return {
      label,
      expected,
      answered,
      precision: answered === 0 ? null : right / answered,
      recall: expected === 0 ? null : right / expected,
      f1: expected + answered === 0 ? null : (2 * right) / (expected + answered),
    };
  });
}
