import type { DatasetStatisticsResponse, TokenStatistics } from "@hearth/wire/hub/datasets";
import type { Output } from "./output.ts";

/** Prints what was counted over a dataset's rows. */
export function printStatistics(output: Output, statistics: DatasetStatisticsResponse): void {
  const { rows, lengths, labels, duplicates, leakage, tokens } = statistics;
  output.line(
    `${rows} rows; characters: shortest ${lengths.shortest}, median ${lengths.median}, longest ${lengths.longest}`,
  );
  output.line(
    `rows that come again in their split: ${duplicates.exact} word for word, ${duplicates.near} nearly`,
  );
  for (const leak of leakage) {
    output.line(`${leak.split}: ${leak.rows} rows and ${leak.prompts} prompts are in train too`);
    for (const { row, text } of leak.examples)
      output.line(`  row ${row}: ${JSON.stringify(text.slice(0, 80))}`);
  }
  if (labels.length > 0) {
    output.table(
      ["LABEL", "TRAIN", "VALIDATION", "TEST"],
      labels.map(({ label, counts }) => [
        label,
        ...[counts.train, counts.validation, counts.test].map((count) => String(count ?? 0)),
      ]),
    );
  }
  if (tokens !== null) printTokens(output, tokens);
}

function printTokens(output: Output, { model, sequence_length, splits, problem }: TokenStatistics): void {
  output.line(`tokens of ${model}, sequence length ${sequence_length}:`);
  output.table(
    [
      "SPLIT",
      "ROWS",
      "TOKENS",
      "LEARNED",
      "P50",
      "P90",
      "P95",
      "P99",
      "MAX",
      "TRUNCATED",
      "LOST",
      "NOTHING TO LEARN",
    ],
    splits.map((one) => [
      one.split,
      ...[one.rows, one.tokens, one.learned, one.p50, one.p90, one.p95, one.p99, one.max].map(String),
      ...[one.truncated, one.lost, one.unlearnable].map(String),
    ]),
  );
  if (problem !== null) output.line(`a job would fail: ${problem}`);
}
