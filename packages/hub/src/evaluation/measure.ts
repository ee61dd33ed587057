import { mostExamples, type Evaluation } from "@hearth/wire/hub/evaluation";

/** One answered row. */
export interface AnsweredRow {
  /** Counted from 1, as in the split's file. */
  row: number;
  expected: string;
  /** Null when the model could not be asked: the row is longer than its context. */
  answer: string | null;
  ttftMs: number;
  latencyMs: number;
}

export type Measurement = Pick<Evaluation, "metrics" | "confusion" | "examples">;

const exampleLength = 500;
const other = "(other)";
const refused = "(refused)";

/**
 * Accuracy is exact match after trimming, Unicode normalisation and case folding. With labels:
 * `invalid_rate` (answers that are no label), `macro_f1` (the plain mean over the labels that occur as
 * expected or as answer; a label with no right answer counts 0) and the confusion. Times are medians in ms.
 */
export function measureAnswers(answers: readonly AnsweredRow[], labels: readonly string[]): Measurement {
  const rows = answers.map((answer) => ({
    ...answer,
    right: answer.answer !== null && normalise(answer.answer) === normalise(answer.expected),
  }));
  const timed = rows.filter((row) => row.answer !== null);
  const metrics: Record<string, number> = {
    accuracy: share(rows, (row) => row.right),
    refused_rate: share(rows, (row) => row.answer === null),
    latency_ms: median(timed.map((row) => row.latencyMs)),
    ttft_ms: median(timed.map((row) => row.ttftMs)),
  };
  const confusion = new Map<string, Map<string, number>>();
  if (labels.length > 0) {
    const labelOf = labelFinder(labels);
    for (const row of rows)
      count(
        confusion,
        labelOf(row.expected) ?? row.expected,
        row.answer === null ? refused : (labelOf(row.answer) ?? other),
      );
    metrics["invalid_rate"] = share(rows, (row) => row.answer === null || labelOf(row.answer) === null);
    metrics["macro_f1"] = macroF1(confusion, labels);
  }
  return {
    metrics,
    confusion: Object.fromEntries(
      [...confusion].map(([expected, counts]) => [expected, Object.fromEntries(counts)]),
    ),
    examples: rows
      .filter((row) => !row.right)
      .slice(0, mostExamples)
      .map((row) => ({
        row: row.row,
        expected: row.expected.slice(0, exampleLength),
        answer: (row.answer ?? refused).slice(0, exampleLength),
      })),
  };
}

/** The form in which answers are compared. */
export function normalise(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}

function labelFinder(labels: readonly string[]): (text: string) => string | null {
  const byForm = new Map(labels.map((label) => [normalise(label), label]));
  return (text) => byForm.get(normalise(text)) ?? null;
}

function count(confusion: Map<string, Map<string, number>>, expected: string, answered: string): void {
  const counts = confusion.get(expected) ?? new Map<string, number>();
  confusion.set(expected, counts.set(answered, (counts.get(answered) ?? 0) + 1));
}

function macroF1(confusion: Map<string, Map<string, number>>, labels: readonly string[]): number {
  const scores: number[] = [];
  for (const label of labels) {
    let right = 0;
    let expected = 0;
    let answered = 0;
    for (const [wanted, counts] of confusion) {
      for (const [given, number] of counts) {
        if (wanted === label) expected += number;
        if (given === label) answered += number;
        if (wanted === label && given === label) right += number;
      }
    }
    if (expected + answered > 0) scores.push((2 * right) / (expected + answered));
  }
  return scores.length === 0 ? 0 : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function share<T>(items: readonly T[], has: (item: T) => boolean): number {
  return items.length === 0 ? 0 : items.filter(has).length / items.length;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}
