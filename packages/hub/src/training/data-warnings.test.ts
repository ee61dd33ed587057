import { expect, test } from "vitest";
import { warningsOfRows, warningsOfTokens } from "./data-warnings.ts";

const rows = {
  rows: 100,
  labels: [],
  lengths: { shortest: 1, median: 1, longest: 1, bins: [] },
  duplicates: { exact: 1, near: 0, examples: [] },
  leakage: [{ split: "test" as const, rows: 0, prompts: 0, examples: [] }],
};

test("one duplicate of a hundred is no matter; many are, and every leak", () => {
  expect(warningsOfRows(rows)).toEqual([]);
  const leaking = {
    ...rows,
    duplicates: { exact: 1, near: 2, examples: [] },
    leakage: [{ split: "test" as const, rows: 3, prompts: 4, examples: [] }],
  };
  expect(warningsOfRows(leaking)).toEqual([
    expect.stringContaining("3 of 100 rows come again"),
    expect.stringContaining("test: 3 rows and 4 prompts are in the train split too"),
  ]);
});

test("rows that are cut, teach nothing, or would end the job", () => {
  const split = {
    split: "train" as const,
    rows: 10,
    tokens: 100,
    learned: 10,
    p50: 1,
    p90: 1,
    p95: 1,
    p99: 1,
    max: 80,
  };
  const tokens = { model: "m:1", sequence_length: 32, problem: "train, line 3: no answer" };
  expect(
    warningsOfTokens({ ...tokens, splits: [{ ...split, truncated: 2, lost: 90, unlearnable: 1 }] }),
  ).toEqual([
    "train: 2 of 10 rows are longer than 32 tokens of m:1 and lose 90 of them; the longest has 80.",
    "train: in 1 rows there is nothing to learn.",
    "The job will fail: train, line 3: no answer",
  ]);
  expect(
    warningsOfTokens({
      ...tokens,
      problem: null,
      splits: [{ ...split, truncated: 0, lost: 0, unlearnable: 0 }],
    }),
  ).toEqual([]);
});
