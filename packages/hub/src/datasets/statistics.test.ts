import { expect, test } from "vitest";
import type { DatasetRow } from "./rows.ts";
import { distributionOf, measureRows } from "./statistics.ts";

test("labels are counted by split, lengths over all", async () => {
  const answered = (completion: string): DatasetRow => ({ format: "prompt", prompt: "??", completion });
  const statistics = await measureRows(["no", "yes"], ["train", "test"], async function* (split) {
    yield answered("yes");
    if (split === "train") yield* [answered("no"), answered(" yes ")];
  });
  expect(statistics.rows).toBe(4);
  expect(statistics.labels).toEqual([
    { label: "no", counts: { train: 1 } },
    { label: "yes", counts: { train: 2, test: 1 } },
  ]);
  expect(statistics.lengths).toMatchObject({ shortest: 4, median: 5, longest: 7 });
});

test("every row falls into one bin; nothing has none", () => {
  const lengths = new Map([
    [0, 2],
    [99, 1],
    [100, 5],
  ]);
  const { bins } = distributionOf(lengths, 8);
  expect(bins.reduce((sum, bin) => sum + bin.rows, 0)).toBe(8);
  expect(bins.at(-1)?.rows).toBe(6);
  expect(distributionOf(new Map(), 0)).toEqual({ shortest: 0, median: 0, longest: 0, bins: [] });
});
