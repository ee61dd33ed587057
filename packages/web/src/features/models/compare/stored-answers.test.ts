import type { Evaluation } from "@hearth/wire/hub/evaluation";
import { expect, test } from "vitest";
import { differingRows, storedAnswer } from "./stored-answers.ts";

function evaluation(rows: number, wrong: Record<number, string>): Evaluation {
  return {
    id: "e",
    run_id: "r",
    model: "m",
    version_id: "v",
    version: 1,
    dataset_id: "d",
    split: "test",
    rows,
    metrics: { accuracy: 0.5 },
    intervals: {},
    bootstrap: null,
    confusion: {},
    labels: [],
    scorers: [],
    absent: [],
    examples: Object.entries(wrong).map(([row, answer]) => ({ row: Number(row), expected: "x", answer })),
    seconds: 1,
    created_at: "2026-01-01T00:00:00.000Z",
  };
}
const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [index * 2 + 1, "no"]));

test("a row that is not among few wrong ones was right", () => {
  const few = evaluation(5, { 2: "red" });
  expect(storedAnswer(few, 2)).toEqual({ right: false, answer: "red" });
  expect(storedAnswer(few, 5)).toEqual({ right: true });
  expect(storedAnswer(few, 6)).toBeNull();
});

test("behind the last wrong answer that is kept nothing is known", () => {
  const full = evaluation(100, many);
  expect(storedAnswer(full, 38)).toEqual({ right: true });
  expect(storedAnswer(full, 39)).toEqual({ right: false, answer: "no" });
  expect(storedAnswer(full, 40)).toBeNull();
});

test("rows differ where the kept answers do, and where all of them are known", () => {
  const one = evaluation(10, { 1: "red", 2: "red", 3: "blue" });
  const two = evaluation(10, { 2: "red", 3: "green", 4: "red" });
  expect(differingRows([one, two])).toEqual([1, 3, 4]);
  expect(differingRows([evaluation(3, {}), two])).toEqual([2, 3]);
});

test("an evaluation that asked for no answers tells nothing of them", () => {
  const { metrics: _metrics, ...rest } = evaluation(5, {});
  expect(storedAnswer({ ...rest, metrics: { loss: 1 } }, 2)).toBeNull();
});
