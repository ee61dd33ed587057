import type { Dataset, DatasetStatistics, SplitName } from "@hearth/wire/hub/datasets";
import { Repeats } from "./repeats.ts";
import { answerOf, type DatasetRow } from "./rows.ts";

const binCount = 12;

/** Counts labels and lengths over every row; rows are read once and not kept. */
export async function measureRows(
  labels: readonly string[],
  splits: readonly SplitName[],
  rowsOf: (split: SplitName) => AsyncIterable<DatasetRow>,
): Promise<DatasetStatistics> {
  const counts = new Map(labels.map((label) => [label, new Map<SplitName, number>()]));
  const lengths = new Map<number, number>();
  let rows = 0;
  const repeats = new Repeats();
  for (const split of splits) {
    repeats.begin(split);
    for await (const row of rowsOf(split)) {
      rows += 1;
      repeats.add(row);
      const length = charactersOf(row);
      lengths.set(length, (lengths.get(length) ?? 0) + 1);
      const count = counts.get(answerOf(row) ?? "");
      count?.set(split, (count.get(split) ?? 0) + 1);
    }
  }
  return {
    rows,
    labels: [...counts].map(([label, count]) => ({ label, counts: Object.fromEntries(count) })),
    lengths: distributionOf(lengths, rows),
    ...repeats.summary(),
  };
}

function charactersOf(row: DatasetRow): number {
  switch (row.format) {
    case "chat":
      return row.messages.reduce((sum, message) => sum + message.content.length, 0);
    case "prompt":
      return row.prompt.length + row.completion.length;
    case "text":
      return row.text.length;
  }
}

/** From length → rows of that length to a few bins of equal width. */
export function distributionOf(
  lengths: ReadonlyMap<number, number>,
  rows: number,
): DatasetStatistics["lengths"] {
  const sorted = [...lengths].toSorted(([one], [other]) => one - other);
  const shortest = sorted[0]?.[0] ?? 0;
  const longest = sorted.at(-1)?.[0] ?? 0;
  let seen = 0;
  const median = sorted.find(([, count]) => (seen += count) * 2 >= rows)?.[0] ?? 0;
  const width = Math.max(1, Math.ceil((longest - shortest + 1) / binCount));
  const bins: DatasetStatistics["lengths"]["bins"] = [];
  for (let from = shortest; rows > 0 && from <= longest; from += width)
    bins.push({ from, to: from + width, rows: 0 });
  for (const [length, count] of sorted) {
    const bin = bins[Math.floor((length - shortest) / width)];
    if (bin !== undefined) bin.rows += count;
  }
  return { shortest, median, longest, bins };
}

/** The splits that a dataset has, in their order. */
export function splitsOf(dataset: Pick<Dataset, "splits">): SplitName[] {
  return (["train", "validation", "test"] as const).filter((split) => dataset.splits[split] !== undefined);
}
