import type {
  AnswersDiff,
  DifferingFact,
  FigureDiff,
  RowExample,
  SplitDiff,
  VersionDiff,
} from "@hearth/wire/hub/version-diff";
import { bold, type Output } from "./output.ts";
import { printable } from "./printable.ts";

const shownCharacters = 80;

/** Prints what lies between two versions, part by part; a part without a difference says so. */
export function printDiff(diff: VersionDiff, output: Output): void {
  const [from, to] = [diff.from.reference, diff.to.reference];
  output.line(bold("DATA"));
  for (const line of dataLines(diff.data)) output.line(`  ${line}`);
  output.line(bold("RECIPE"));
  printFacts(diff.recipe, [from, to], output);
  output.line(bold("CODE AND ENVIRONMENT"));
  printFacts(diff.environment, [from, to], output);
  output.line(bold("FIGURES"));
  if (diff.figures.length === 0) output.line("  none");
  else output.table(["OF", "FIGURE", from, to, "DIFFERENCE"], diff.figures.map(figureRow));
  output.line(bold("ANSWERS"));
  if (diff.answers.length === 0)
    output.line("  none that both gave to the same prompt; --ask 20 asks both twenty rows");
  for (const line of diff.answers.flatMap((answers) => answerLines(answers, from, to)))
    output.line(`  ${line}`);
  output.line();
  output.line(diff.same ? `${from} and ${to} are the same` : `${from} and ${to} differ`);
}

function dataLines({ changed, from, to, splits }: VersionDiff["data"]): string[] {
  if (from === null && to === null) return ["neither was trained here"];
  if (!changed) return [`the same: ${nameOf(from)}`];
  return [`${nameOf(from)} → ${nameOf(to)}`, ...splits.flatMap(splitLines)];
}

function nameOf(dataset: VersionDiff["data"]["from"]): string {
  if (dataset === null) return "nothing";
  const { name, version, sha256 } = dataset;
  return `${name}${version === null ? "" : `:${version}`} (${sha256.slice(0, 12)})`;
}

function splitLines({ split, from, to, counts, examples }: SplitDiff): string[] {
  const rows = `${split}: ${from?.rows ?? 0} → ${to?.rows ?? 0} rows`;
  if (counts === null) return [`${rows}, too many to be compared`];
  const { added, removed, changed, unchanged } = counts;
  return [
    `${rows}: ${added} added, ${removed} removed, ${changed} with another answer, ${unchanged} the same`,
    ...examples.map((example) => `  ${exampleLine(example)}`),
  ];
}

function exampleLine({ kind, from_row, to_row, from, to }: RowExample): string {
  if (kind === "added") return `+ row ${to_row}: ${rowText(to)}`;
  if (kind === "removed") return `- row ${from_row}: ${rowText(from)}`;
  return `~ row ${from_row} → ${to_row}: ${rowText(from)} → ${rowText(to)}`;
}

function rowText(row: RowExample["from"]): string {
  if (row === null) return "nothing";
  const { format: _format, ...content } = row;
  return shortened("messages" in content ? JSON.stringify(content.messages) : JSON.stringify(content));
}

function printFacts(facts: readonly DifferingFact[], [from, to]: [string, string], output: Output): void {
  if (facts.length === 0) return output.line("  the same");
  const rows = facts.map((fact) => [fact.name, shortened(fact.from ?? "–"), shortened(fact.to ?? "–")]);
  output.table(["NAME", from, to], rows);
}

function figureRow({ group, name, from, to, difference }: FigureDiff): string[] {
  const sign = difference !== null && difference > 0 ? "+" : "";
  return [group, name, figure(from), figure(to), difference === null ? "" : sign + figure(difference)];
}

function figure(value: number | null): string {
  return value === null ? "–" : String(Number(value.toPrecision(6)));
}

function answerLines(
  { source, of, compared, differing, examples }: AnswersDiff,
  from: string,
  to: string,
): string[] {
  const words = { evaluations: "evaluated on", samples: "sampled:", asked: "asked now:" };
  return [
    `${words[source]} ${of}: ${differing} of ${compared} answers differ`,
    ...examples.flatMap(({ row, prompt, expected, from: one, to: other }) => [
      `  ${row === null ? JSON.stringify(shortened(prompt ?? "")) : `row ${row}`}${expected === null ? "" : ` (expected ${JSON.stringify(shortened(expected))})`}`,
      `    ${from}: ${answer(one)}`,
      `    ${to}: ${answer(other)}`,
    ]),
  ];
}

function answer(text: string | null): string {
  return text === null ? "none: it could not be asked" : JSON.stringify(shortened(text));
}

function shortened(text: string): string {
  const line = printable(text).replaceAll(/\s+/g, " ");
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}
