import { expect, it } from "vitest";
import { backoffMs } from "./backoff.ts";

it("doubles, spreads, and ends at half a minute", () => {
  const middle = (failures: number) => backoffMs(failures, () => 0.5);
  expect([1, 2, 3, 4].map(middle)).toEqual([500, 1000, 2000, 4000]);
  expect(middle(1000)).toBe(30_000);
  expect(backoffMs(1, () => 0)).toBe(400);
  expect(backoffMs(1, () => 1)).toBe(600);
});
