import { expect, test } from "vitest";
import { smooth } from "./smooth.ts";

test("a weight of 0 changes nothing, and gaps stay gaps", () => {
  expect(smooth([1, null, NaN, 3], 0)).toEqual([1, null, null, 3]);
});

test("a constant stays what it is from the first point on", () => {
  for (const value of smooth([5, 5, null, 5], 0.9)) if (value !== null) expect(value).toBeCloseTo(5, 12);
});

test("a step is followed slowly", () => {
  const [, second] = smooth([0, 1], 0.5);
  expect(second).toBeCloseTo(2 / 3, 12);
});
