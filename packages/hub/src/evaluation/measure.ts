import { mostExamples, type Evaluation, type EvaluationRow } from "@hearth/wire/hub/evaluation";
import { figuresOf } from "./measures/figures.ts";
import { confusionOf, labelReport, refused } from "./measures/label-report.ts";
import { bootstrapIntervals } from "./statistics/bootstrap.ts";

export type Measurement = Pick<
  Evaluation,
  "metrics" | "intervals" | "bootstrap" | "confusion" | "labels" | "examples"
>;

export interface MeasureOptions {
  /** Empty: the rows are not measured by labels. */
  labels: readonly string[];
  /** Of the bootstrap. */
  seed: number;
}

const exampleLength = 500;

/**
 * What the rows of an evaluation come to: every figure with its confidence interval, the labels' own, and the first
 * wrong answers. Accuracy is exact match after trimming, Unicode normalisation and case folding. With labels:
 * `invalid_rate` (answers that are no label) and `macro_f1`.
 *
 * @throws the signal's reason
 */
export async function measureRows(
  rows: readonly EvaluationRow[],
  { labels, seed }: MeasureOptions,
  signal: AbortSignal,
): Promise<Measurement> {
  const figures = figuresOf(rows, labels);
  const once = new Uint32Array(rows.length).fill(1);
  const { intervals, drawn } = await bootstrapIntervals(rows.length, figures, { seed }, signal);
  const metrics: Measurement["metrics"] = {};
  const found: Measurement["intervals"] = {};
  for (const [index, figure] of figures.entries()) {
    const value = figure.of(once);
    if (!Number.isFinite(value)) continue;
    metrics[figure.name] = value;
    const interval = intervals[index];
    if (interval !== null && interval !== undefined) found[figure.name] = { ...interval, rows: figure.rows };
  }
  const answered = rows.filter(({ right }) => right !== null);
  const confusion = labels.length === 0 ? new Map() : confusionOf(answered, labels);
  return {
    metrics,
    intervals: found,
    bootstrap: drawn,
    confusion: Object.fromEntries(
      [...confusion].map(([expected, counts]) => [expected, Object.fromEntries(counts)]),
    ),
    labels: answered.length === 0 ? [] : labelReport(confusion, labels),
    examples: answered
      .filter(({ right }) => right === false)
      .slice(0, mostExamples)
      .map((row) => ({
        row: row.row,
        expected: row.expected.slice(0, exampleLength),
        answer: (row.answer ?? refused).slice(0, exampleLength),
      })),
  };
}
