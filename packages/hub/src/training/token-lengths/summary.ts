import type { DatasetFormat, TokenLengths, TokenStatistics } from "@hearth/wire/hub/datasets";
import type { CountedTokens } from "./messages.ts";

/** Percentiles, and what a sequence length does to the rows. */
export function summariseTokens(
  { splits, problem }: CountedTokens,
  { model, format, sequenceLength }: { model: string; format: DatasetFormat; sequenceLength: number },
): TokenStatistics {
  return {
    model,
    sequence_length: sequenceLength,
    problem,
    splits: splits.map(({ split, lengths, learned, unlearnable }): TokenLengths => {
      const rows = lengths.reduce((sum, [, count]) => sum + count, 0);
      // The last token is only ever a target.
      const room = sequenceLength + 1;
      const cut = format === "text" ? [] : lengths.filter(([length]) => length > room);
      return {
        split,
        rows,
        tokens: lengths.reduce((sum, [length, count]) => sum + length * count, 0),
        learned,
        p50: percentile(lengths, rows, 0.5),
        p90: percentile(lengths, rows, 0.9),
        p95: percentile(lengths, rows, 0.95),
        p99: percentile(lengths, rows, 0.99),
        max: lengths.at(-1)?.[0] ?? 0,
        truncated: cut.reduce((sum, [, count]) => sum + count, 0),
        lost: cut.reduce((sum, [length, count]) => sum + (length - room) * count, 0),
        unlearnable,
      };
    }),
  };
}

/** The smallest length that at least the share of rows does not exceed. */
function percentile(
  lengths: CountedTokens["splits"][number]["lengths"],
  rows: number,
  share: number,
): number {
  let seen = 0;
  return lengths.find(([, count]) => (seen += count) >= share * rows)?.[0] ?? 0;
}
