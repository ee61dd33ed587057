import { expect, test } from "vitest";
import { SteadyClock } from "./steady-clock.ts";

test("after a gap longer than a lease nobody's silence counts for the time of a lease", () => {
  let now = 1_000_000;
  const clock = new SteadyClock(60_000, () => now);
  const after = (milliseconds: number): boolean => {
    now += milliseconds;
    return clock.isSteady();
  };
  // A hub that just started takes what an earlier one left at once.
  expect(after(0)).toBe(true);
  expect(after(5_000)).toBe(true);
  expect(after(3 * 3_600_000)).toBe(false);
  for (let second = 5; second < 60; second += 5) expect(after(5_000)).toBe(false);
  expect(after(5_000)).toBe(true);
});
