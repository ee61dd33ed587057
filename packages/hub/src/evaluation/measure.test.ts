import * as fc from "fast-check";
import { expect, test } from "vitest";
import { measureAnswers } from "./measure.ts";
import type { AnsweredRow } from "./measure.ts";

function rows(...pairs: [string, string | null][]): AnsweredRow[] {
  return pairs.map(([expected, answer], index) => ({
    row: index + 1,
    expected,
    answer,
    ttftMs: index + 1,
    latencyMs: 10 * (index + 1),
  }));
}

test("exact match after trimming and case folding; answers outside the labels are '(other)'", () => {
  const { metrics, confusion, examples } = measureAnswers(
    rows(["work", " Work\n"], ["spam", "work"], ["spam", "SPAM"], ["work", "workshop"], ["spam", null]),
    ["spam", "work"],
  );
  expect(metrics).toMatchObject({
    accuracy: 0.4,
    invalid_rate: 0.4,
    refused_rate: 0.2,
    ttft_ms: 2.5,
    latency_ms: 25,
  });
  expect(confusion).toEqual({ work: { work: 1, "(other)": 1 }, spam: { work: 1, spam: 1, "(refused)": 1 } });
  // work: 2·1/(2+2), spam: 2·1/(3+1)
  expect(metrics["macro_f1"]).toBeCloseTo(0.5, 12);
  expect(examples.map((example) => [example.row, example.answer])).toEqual([
    [2, "work"],
    [4, "workshop"],
    [5, "(refused)"],
  ]);
});

test("without labels there is accuracy only, and composed letters equal their parts", () => {
  const { metrics, confusion } = measureAnswers(rows(["café", "cafe\u0301"], ["a", "b"]), []);
  expect(metrics["accuracy"]).toBe(0.5);
  expect(metrics).not.toHaveProperty("invalid_rate");
  expect(confusion).toEqual({});
});

test("labels that are names of object properties are counted like any other", () => {
  const { confusion, metrics } = measureAnswers(
    rows(["__proto__", "constructor"], ["constructor", "constructor"]),
    ["__proto__", "constructor"],
  );
  expect(Object.entries(confusion)).toHaveLength(2);
  expect(metrics["accuracy"]).toBe(0.5);
});

test("accuracy is the trace of the confusion, every row is counted once, and every share lies in [0, 1]", () => {
  const label = fc.constantFrom("a", "b", "c");
  const answer = fc.oneof(label, fc.constantFrom("A ", "z", ""), fc.constant(null));
  fc.assert(
    fc.property(fc.array(fc.tuple(label, answer), { minLength: 1, maxLength: 40 }), (pairs) => {
      const { metrics, confusion } = measureAnswers(rows(...pairs), ["a", "b", "c"]);
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
      for (const name of ["accuracy", "invalid_rate", "refused_rate", "macro_f1"]) {
        expect(metrics[name]).toBeGreaterThanOrEqual(0);
        expect(metrics[name]).toBeLessThanOrEqual(1);
      }
    }),
  );
});
