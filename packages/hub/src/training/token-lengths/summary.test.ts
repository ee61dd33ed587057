import { expect, test } from "vitest";
import { summariseTokens } from "./summary.ts";

const counted = {
  problem: null,
  splits: [
    {
      split: "train" as const,
      lengths: [
        [2, 50],
        [10, 45],
        [40, 4],
        [100, 1],
      ] as [number, number][],
      learned: 300,
      unlearnable: 2,
    },
  ],
};

test("percentiles, and what a sequence length cuts", () => {
  const given = { model: "m:1", format: "prompt" as const, sequenceLength: 31 };
  expect(summariseTokens(counted, given).splits).toEqual([
    {
      split: "train",
      rows: 100,
      tokens: 2 * 50 + 10 * 45 + 40 * 4 + 100,
      learned: 300,
      p50: 2,
      p90: 10,
      p95: 10,
      p99: 40,
      max: 100,
      // 31 inputs and the last target make 32 tokens.
      truncated: 5,
      lost: 4 * 8 + 68,
      unlearnable: 2,
    },
  ]);
  expect(summariseTokens(counted, { ...given, format: "text" }).splits[0]).toMatchObject({
    truncated: 0,
    lost: 0,
  });
});
