import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { EvaluationRow } from "@hearth/wire/hub/evaluation";
import { measureRows } from "./measure.ts";
import { chooseMeasures } from "./measures/choose.ts";
import { isRight, lossOf, scoreAnswer } from "./measures/judge-row.ts";
import { tokenF1 } from "./measures/token-f1.ts";

const never = new AbortController().signal;
const dataset = { name: "mails", labels: ["spam", "work"], format: "chat" as const };
const asked = { model: "m", dataset: "mails", split: "test" as const, concurrency: 1 };

function rows(...pairs: [string, string | null][]): EvaluationRow[] {
  const measures = chooseMeasures(asked, dataset);
  return pairs.map(([expected, answer], index) => ({
    row: index + 1,
    right: answer !== null && isRight(answer, expected),
    failed: false,
    asked: "?",
    expected,
    answer,
    refused: answer === null ? "too long" : null,
    tokens: null,
    scores: scoreAnswer({ expected, answer }, measures),
    failures: {},
    ttft_ms: index + 1,
    latency_ms: 10 * (index + 1),
  }));
}

const measured = (found: EvaluationRow[], labels: string[], seed = 1) =>
  measureRows(found, { labels, seed }, never);

test("exact match after trimming and case folding; answers outside the labels are '(other)'", async () => {
  const { metrics, confusion, labels, examples } = await measured(
    rows(["work", " Work\n"], ["spam", "work"], ["spam", "SPAM"], ["work", "workshop"], ["spam", null]),
    ["spam", "work"],
  );
  expect(metrics).toMatchObject({
    accuracy: 0.4,
    // "SPAM" and " Work\n" are the labels but for their case.
    exact_match: 0,
    invalid_rate: 0.4,
    refused_rate: 0.2,
    ttft_ms: 3,
    latency_ms: 30,
    latency_p95_ms: 50,
  });
  expect(confusion).toEqual({ work: { work: 1, "(other)": 1 }, spam: { work: 1, spam: 1, "(refused)": 1 } });
  expect(labels).toEqual([
    { label: "spam", expected: 3, answered: 1, precision: 1, recall: 1 / 3, f1: 0.5 },
    { label: "work", expected: 2, answered: 2, precision: 0.5, recall: 0.5, f1: 0.5 },
  ]);
  expect(metrics["macro_f1"]).toBeCloseTo(0.5, 12);
  expect(examples.map((example) => [example.row, example.answer])).toEqual([
    [2, "work"],
    [4, "workshop"],
    [5, "(refused)"],
  ]);
});

test("without labels there is accuracy only, and composed letters equal their parts", async () => {
  const { metrics, confusion } = await measured(rows(["café", "cafe\u0301"], ["a", "b"]), []);
  expect(metrics).toMatchObject({ accuracy: 0.5, exact_match: 0.5 });
  expect(metrics).not.toHaveProperty("invalid_rate");
  expect(confusion).toEqual({});
});

test("labels that are names of object properties are counted like any other", async () => {
  const { confusion, metrics } = await measured(
    rows(["__proto__", "constructor"], ["constructor", "constructor"]),
    ["__proto__", "constructor"],
  );
  expect(Object.entries(confusion)).toHaveLength(2);
  expect(metrics["accuracy"]).toBe(0.5);
});

test("accuracy is the trace of the confusion, every row is counted once, and every share lies in its interval", async () => {
  const label = fc.constantFrom("a", "b", "c");
  const answer = fc.oneof(label, fc.constantFrom("A ", "z", ""), fc.constant(null));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(label, answer), { minLength: 1, maxLength: 40 }), async (pairs) => {
      const { metrics, confusion, intervals, labels } = await measured(rows(...pairs), ["a", "b", "c"]);
      let total = 0;
      let diagonal = 0;
      for (const [expected, counts] of Object.entries(confusion)) {
        for (const [answered, number] of Object.entries(counts)) {
          total += number;
          if (answered === expected) diagonal += number;
        }
      }
      expect(total).toBe(pairs.length);
      expect(metrics["accuracy"]).toBeCloseTo(diagonal / total, 12);
      const scores = labels.flatMap(({ f1 }) => f1 ?? []);
      expect(metrics["macro_f1"]).toBeCloseTo(scores.reduce((sum, one) => sum + one, 0) / scores.length, 12);
      for (const name of ["accuracy", "invalid_rate", "refused_rate", "macro_f1"]) {
        const { low = -1, high = 2 } = intervals[name] ?? {};
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high);
      }
    }),
    { numRuns: 15 },
  );
});

test("loss is the mean over tokens, perplexity its exponential, and rows without a loss count for neither", async () => {
  const found = rows(["a", "a"], ["b", "b"], ["c", "c"]);
  const [first, second] = found;
  if (first === undefined || second === undefined) throw new Error("unreachable: three rows were made");
  Object.assign(first, { tokens: 1, scores: { ...first.scores, loss: 4 } });
  Object.assign(second, { tokens: 3, scores: { ...second.scores, loss: 1 } });
  const { metrics, intervals } = await measured(found, []);
  expect(metrics["loss"]).toBeCloseTo(7 / 4, 12);
  expect(metrics["perplexity"]).toBeCloseTo(Math.exp(7 / 4), 12);
  expect(intervals["loss"]).toEqual({ low: 1, high: 4, rows: 2 });
  expect(lossOf([-1, -3])).toEqual({ loss: 2, tokens: 2 });
  expect(lossOf([-1, Number.NEGATIVE_INFINITY])).toEqual({ loss: null, tokens: null });
});

test("token F1 counts shared words as SQuAD does", () => {
  expect(tokenF1("The cat sat.", "a cat sat")).toBe(1);
  expect(tokenF1("the quick brown fox", "brown dog")).toBeCloseTo(2 / 5, 12);
  expect(tokenF1("no no no", "no")).toBeCloseTo(0.5, 12);
  expect(tokenF1("Größe: 3", "größe 3!")).toBe(1);
  expect(tokenF1("the", "a")).toBe(1);
  expect(tokenF1("the", "dog")).toBe(0);
  fc.assert(
    fc.property(fc.string(), fc.string(), (one, other) => {
      expect(tokenF1(one, other)).toBeCloseTo(tokenF1(other, one), 12);
      expect(tokenF1(one, one)).toBe(1);
    }),
  );
});

test("JSON is judged where it is asked for or expected, by a schema too", () => {
  const plain = { name: "free", labels: [], format: "prompt" as const };
  const score = (request: object, expected: string, answer: string | null) =>
    scoreAnswer({ expected, answer }, chooseMeasures({ ...asked, ...request }, plain));
  expect(score({}, '{"a":1}', '{"a":2}')).toMatchObject({ json_valid: 1, accuracy: 0 });
  expect(score({}, '{"a":1}', "{a:2}")).toMatchObject({ json_valid: 0 });
  expect(score({}, "some words", "words")).not.toHaveProperty("json_valid");
  expect(score({ scorers: ["json"] }, "some words", "words")).toMatchObject({ json_valid: 0 });
  const json_schema = { type: "object", required: ["a"], properties: { a: { type: "integer" } } };
  expect(score({ json_schema }, "x", ' {"a":2}')).toMatchObject({ json_valid: 1, json_schema_valid: 1 });
  expect(score({ json_schema }, "x", '{"a":"2"}')).toMatchObject({ json_valid: 1, json_schema_valid: 0 });
  expect(score({ json_schema }, "x", null)).toMatchObject({ json_valid: 0, json_schema_valid: 0 });
});

test("which metrics apply follows from the data and from what is asked for", () => {
  const plain = { name: "free", labels: [], format: "prompt" as const };
  expect(chooseMeasures(asked, dataset)).toMatchObject({
    answers: true,
    labels: true,
    loss: true,
    tokenF1: false,
  });
  expect(chooseMeasures(asked, plain)).toMatchObject({ labels: false, tokenF1: true, json: "if_expected" });
  expect(chooseMeasures({ ...asked, scorers: ["loss"] }, dataset)).toMatchObject({
    answers: false,
    loss: true,
  });
  expect(chooseMeasures({ ...asked, scorers: ["exact_match"] }, dataset)).toMatchObject({
    loss: false,
    labels: false,
  });
  expect(chooseMeasures({ ...asked, scorers: ["loss"], scorer_files: ["x"] }, plain).answers).toBe(true);
  expect(() => chooseMeasures({ ...asked, scorers: ["labels"] }, plain)).toThrow(/has no labels/);
  const text = { name: "books", labels: [], format: "text" as const };
  expect(chooseMeasures(asked, text)).toMatchObject({ answers: false, loss: true, tokenF1: false });
  expect(() => chooseMeasures({ ...asked, scorers: ["token_f1"] }, text)).toThrow(/running text/);
  const broken = { $ref: "#/nowhere" };
  expect(() => chooseMeasures({ ...asked, json_schema: broken }, plain)).toThrow(/json_schema: .*nowhere/);
});
