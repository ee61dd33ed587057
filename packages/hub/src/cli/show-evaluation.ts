import type { Evaluation, EvaluationComparison, EvaluationRow } from "@hearth/wire/hub/evaluation";
import { formatPercent, type Output } from "./output.ts";
import { printable } from "./printable.ts";

/** An evaluation as a person reads it: figures with their intervals, labels, scorers, what is absent. */
export function printEvaluation(evaluation: Evaluation, output: Output): void {
  const { bootstrap, intervals, metrics } = evaluation;
  output.line(`${evaluation.model}:${evaluation.version} on ${evaluation.rows} rows of ${evaluation.split}`);
  output.table(
    ["METRIC", "VALUE", bootstrap === null ? "" : `${formatPercent(bootstrap.level)} INTERVAL`, "ROWS"],
    Object.entries(metrics).map(([name, value]) => {
      const interval = intervals[name];
      return interval === undefined
        ? [name, shown(value), "", ""]
        : [name, shown(value), between(interval), String(interval.rows)];
    }),
  );
  if (bootstrap !== null)
    output.note(`bootstrap over rows: ${bootstrap.resamples} resamples, seed ${bootstrap.seed}`);
  for (const { metric, reason } of evaluation.absent) output.line(`no ${metric}: ${printable(reason)}`);
  printScorers(evaluation, output);
  printLabels(evaluation, output);
  printConfusion(evaluation, output);
  output.note(`its rows: hearth eval rows ${evaluation.id} --only wrong`);
}

/** Two evaluations beside each other, with what the second is ahead by. */
export function printComparison(comparison: EvaluationComparison, output: Output): void {
  const { first, second, right, bootstrap } = comparison;
  const name = ({ model, version }: typeof first): string => `${model}:${version}`;
  output.line(`${name(second)} against ${name(first)} on ${comparison.rows} rows of ${comparison.split}`);
  output.table(
    ["METRIC", name(first), name(second), "DIFFERENCE", `PAIRED ${formatPercent(bootstrap.level)} INTERVAL`],
    Object.entries(comparison.metrics).map(([metric, one]) => [
      metric,
      shown(one.first),
      shown(one.second),
      shown(one.difference),
      between(one),
    ]),
  );
  output.line(
    `right: both ${right.both}, only ${name(first)} ${right.only_first}, only ${name(second)} ${right.only_second}, neither ${right.neither}`,
  );
  output.note(`paired bootstrap over rows: ${bootstrap.resamples} resamples, seed ${bootstrap.seed}`);
}

/** Answers, one a line; what a model said cannot drive the terminal. */
export function printRows(rows: readonly EvaluationRow[], output: Output): void {
  output.table(
    ["ROW", "RIGHT", "LOSS", "EXPECTED", "ANSWERED", "NOTES"],
    rows.map((row) => [
      String(row.row),
      row.right === null ? "" : row.right ? "yes" : "no",
      row.scores["loss"] === undefined ? "" : shown(row.scores["loss"]),
      oneLine(row.expected),
      oneLine(row.answer ?? (row.refused === null ? "" : "(refused)")),
      oneLine(notes(row), 200),
    ]),
  );
}

function printScorers({ scorers }: Evaluation, output: Output): void {
  for (const { name, failures, first_failure: first, sha256 } of scorers) {
    output.line(`scorer ${name} (${sha256.slice(0, 12)}): ${failures} rows failed`);
    if (first !== null) output.line(`  the first: ${printable(first)}`);
  }
}

function printLabels({ labels }: Evaluation, output: Output): void {
  if (labels.length === 0) return;
  const share = (value: number | null): string => (value === null ? "–" : shown(value));
  output.line();
  output.table(
    ["LABEL", "PRECISION", "RECALL", "F1", "EXPECTED", "ANSWERED"],
    labels.map((one) => [
      oneLine(one.label),
      share(one.precision),
      share(one.recall),
      share(one.f1),
      String(one.expected),
      String(one.answered),
    ]),
  );
}

function printConfusion({ confusion }: Evaluation, output: Output): void {
  const expected = Object.keys(confusion);
  const answered = [...new Set(expected.flatMap((label) => Object.keys(confusion[label] ?? {})))].sort();
  if (expected.length === 0) return;
  output.line();
  output.table(
    ["EXPECTED ↓  ANSWERED →", ...answered.map((label) => oneLine(label))],
    expected.map((label) => [
      oneLine(label),
      ...answered.map((answer) => String(confusion[label]?.[answer] ?? 0)),
    ]),
  );
}

function notes({ refused, failures }: EvaluationRow): string {
  const failed = Object.entries(failures).map(([name, why]) => `${name}: ${why}`);
  return [...(refused === null ? [] : [refused]), ...failed].join("; ");
}

function oneLine(text: string, length = 60): string {
  const line = printable(text).replaceAll(/\s+/g, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}

function between({ low, high }: { low: number; high: number }): string {
  return `${shown(low)} … ${shown(high)}`;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(5)));
}
