import type { Evaluation } from "@hearth/wire/hub/evaluation";
import { expect, test } from "vitest";
import { evaluationPairs } from "./evaluation-pairs.ts";

const made = (
  id: string,
  dataset_id: string,
  rows: number,
  change: Partial<Evaluation> = {},
): Evaluation => ({
  id,
  run_id: "r",
  model: "m",
  version_id: "v",
  version: 1,
  dataset_id,
  split: "test",
  rows,
  metrics: {},
  intervals: {},
  bootstrap: { resamples: 1_000, seed: 1, level: 0.95 },
  confusion: {},
  labels: [],
  scorers: [],
  absent: [],
  examples: [],
  seconds: 1,
  created_at: "2026-01-01T00:00:00.000Z",
  ...change,
});

test("the newest of both on the same rows belong together; what has no rows cannot be compared", () => {
  const pairs = evaluationPairs(
    [made("a2", "d", 10), made("a1", "d", 10), made("a3", "e", 5), made("a4", "d", 10, { split: "train" })],
    [made("b3", "d", 9), made("b2", "d", 10), made("b1", "d", 10), made("b4", "e", 5, { bootstrap: null })],
  );
  expect(pairs.map(({ first, second }) => [first.id, second.id])).toEqual([["a2", "b2"]]);
});
