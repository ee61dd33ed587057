import type { Evaluation } from "@hearth/wire/hub/evaluation";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { expect, test } from "vitest";
import { HearthError } from "../errors.ts";
import { diffEvaluated, type AskedRow } from "./diff-answers.ts";
import type { Evaluated } from "./diff-figures.ts";

const answered = (run_id: string, more: Partial<Evaluation> = {}) =>
  ({ run_id, dataset_id: "d", split: "test", metrics: { accuracy: 1 }, ...more }) as Evaluation;
const of = (...evaluations: Evaluation[]): Evaluated => ({ version: {} as ModelVersion, evaluations });
const rows = (...answers: (string | null)[]): AskedRow[] =>
  answers.map((answer, index) => ({ row: index + 1, expected: "red", answer }));

const kept: Record<string, AskedRow[]> = {
  one: rows("red", "red", "blue", null, "red"),
  other: rows("red", "Red", "green", "red"),
};
async function* rowsOf({ run_id }: Evaluation): AsyncGenerator<AskedRow> {
  const found = kept[run_id];
  if (found === undefined) throw new HearthError("not_found", "gone");
  yield* found;
}
const never = new AbortController().signal;
const diff = (from: Evaluated, to: Evaluated) =>
  diffEvaluated(from, to, () => "things:1, test", rowsOf, never);

test("every answer that evaluations kept is compared, on the rows that both were asked", async () => {
  expect(await diff(of(answered("one")), of(answered("other")))).toEqual([
    {
      source: "evaluations",
      of: "things:1, test",
      compared: 4,
      differing: 3,
      examples: [
        { row: 2, prompt: null, expected: "red", from: "red", to: "Red" },
        { row: 3, prompt: null, expected: "red", from: "blue", to: "green" },
        { row: 4, prompt: null, expected: "red", from: null, to: "red" },
      ],
    },
  ]);
});

test("an evaluation that only measured a loss tells no answers, and hides none", async () => {
  const loss = answered("loss", { metrics: { loss: 1 } });
  expect(await diff(of(loss), of(loss))).toEqual([]);
  expect(await diff(of(loss, answered("one")), of(answered("other")))).toMatchObject([{ compared: 4 }]);
});

test("where rows were removed from a run nothing is told; another failure is one", async () => {
  expect(await diff(of(answered("one")), of(answered("removed")))).toEqual([]);
  const broken = async function* (): AsyncGenerator<AskedRow> {
    yield* rows("red");
    throw new HearthError("internal", "broken");
  };
  await expect(
    diffEvaluated(of(answered("one")), of(answered("other")), () => "", broken, never),
  ).rejects.toMatchObject({ code: "internal" });
});

test("an expected answer is shown by its beginning, and nobody's comparison reads on", async () => {
  async function* long(of: Evaluation): AsyncGenerator<AskedRow> {
    yield { row: 1, expected: "x".repeat(1_000_000), answer: of.run_id };
  }
  const [from, to] = [of(answered("one")), of(answered("other"))];
  const [found] = await diffEvaluated(from, to, () => "", long, never);
  expect(found?.examples).toEqual([
    { row: 1, prompt: null, expected: "x".repeat(2_000), from: "one", to: "other" },
  ]);
  const left = AbortSignal.abort(new Error("left"));
  await expect(diffEvaluated(from, to, () => "", rowsOf, left)).rejects.toThrow("left");
});
