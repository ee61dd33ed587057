import { expect, test } from "vitest";
import { describeSample } from "./follow-job.ts";

const sample = { step: 12, index: 0, prompt: "sky?", expected: "blue", complete: true, seconds: 0.1 };

test("a sample is one line, with what was expected where that is something else", () => {
  expect(describeSample({ ...sample, answer: "blue" })).toBe('step 12: "sky?" → "blue"');
  expect(describeSample({ ...sample, answer: "red", complete: false })).toBe(
    'step 12: "sky?" → "red"… (expected "blue")',
  );
  expect(describeSample({ ...sample, expected: null, answer: "a\n\u001B[2Jb" })).toBe(
    'step 12: "sky?" → "a \uFFFD[2Jb"',
  );
  expect(describeSample({ ...sample, answer: "x".repeat(500) }).length).toBeLessThan(120);
});
