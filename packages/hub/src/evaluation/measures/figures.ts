import type { EvaluationRow } from "@hearth/wire/hub/evaluation";
import { macroF1, quantile, through, weightedMean, type Statistic } from "../statistics/statistic.ts";
import { labelFinder } from "./label-report.ts";

/**
 * Every figure that rows have, as statistics that can be resampled: means of their scores, the loss over tokens and with
 * it the perplexity, shares of invalid and refused answers, macro F1, medians and 95th percentiles of times.
 */
export function figuresOf(rows: readonly EvaluationRow[], labels: readonly string[]): Statistic[] {
  const score = (name: string): (number | null)[] => rows.map(({ scores }) => scores[name] ?? null);
  const names = [...new Set(rows.flatMap(({ scores }) => Object.keys(scores)))];
  const figures: Statistic[] = [];
  for (const name of names) {
    if (name !== "loss") figures.push(weightedMean(name, score(name)));
  }
  if (names.includes("loss")) {
    const loss = weightedMean(
      "loss",
      score("loss"),
      rows.map(({ tokens }) => tokens ?? 0),
    );
    figures.push(loss, through("perplexity", loss, Math.exp));
  }
  if (rows.some(({ right }) => right !== null)) {
    figures.push(
      weightedMean(
        "refused_rate",
        shares(rows, ({ refused }) => refused !== null),
      ),
    );
    if (labels.length > 0) figures.push(...labelFigures(rows, labels));
    for (const time of ["latency_ms", "ttft_ms"] as const) {
      const values = rows.map((row) => row[time]);
      if (values.every((value) => value === null)) continue;
      figures.push(quantile(time, values, 0.5), quantile(time.replace("_ms", "_p95_ms"), values, 0.95));
    }
  }
  return figures;
}

function labelFigures(rows: readonly EvaluationRow[], labels: readonly string[]): Statistic[] {
  const labelOf = labelFinder(labels);
  const place = (text: string | null): number => {
    const label = text === null ? null : labelOf(text);
    return label === null ? -1 : labels.indexOf(label);
  };
  const answered = rows.map(({ answer }) => place(answer));
  const expected = rows.map((row) => place(row.expected));
  return [
    weightedMean(
      "invalid_rate",
      answered.map((label) => Number(label < 0)),
    ),
    macroF1("macro_f1", labels.length, expected, answered),
  ];
}

function shares(rows: readonly EvaluationRow[], has: (row: EvaluationRow) => boolean): number[] {
  return rows.map((row) => Number(has(row)));
}
