import { expect, test } from "vitest";
import { formatRelative, formatTimes, formatX } from "./axis-text.ts";

test("marks of relative time are in the unit of their steps", () => {
  expect([0, 1800, 5400].map((mark) => formatRelative(mark, 1800))).toEqual(["0", "30 min", "90 min"]);
  expect([3600, 7200].map((mark) => formatRelative(mark, 3600))).toEqual(["1 h", "2 h"]);
  expect([86_400].map((mark) => formatRelative(mark, 86_400))).toEqual(["1 d"]);
  expect(formatRelative(15, 5)).toBe("15 s");
  expect(formatRelative(0.1 + 0.2, 0.1)).toBe("0.3 s");
});

test("marks of time say the date where a new one begins", () => {
  const evening = new Date(2026, 0, 1, 22).getTime();
  const marks = [0, 1, 2].map((hours) => evening + hours * 3_600_000);
  expect(formatTimes(marks, 3_600_000)).toEqual(["22:00\n2026-01-01", "23:00", "00:00\n2026-01-02"]);
  expect(formatTimes([evening], 1000)).toEqual(["22:00:00\n2026-01-01"]);
  expect(formatTimes(marks, 86_400_000)).toEqual(["2026-01-01", "2026-01-01", "2026-01-02"]);
});

test("a value of x is in the words of its axis", () => {
  expect(formatX(1200, "step")).toBe("1,200");
  expect(formatX(0, "relative")).toBe("0 s");
  expect(formatX(5400, "relative")).toBe("1 h 30 min");
  expect(formatX(new Date(2026, 0, 1, 9, 5, 7).getTime(), "time")).toBe("2026-01-01 09:05:07");
});
