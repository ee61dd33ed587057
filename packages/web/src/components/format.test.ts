import { expect, test } from "vitest";
import { formatAge, formatBytes, formatMetric, formatSeconds } from "./format.ts";

test("bytes, times and values are short and right", () => {
  expect([0, 999, 1536, 2_500_000, 123_000_000_000].map(formatBytes)).toEqual([
    "0 B",
    "999 B",
    "1.5 kB",
    "2.5 MB",
    "123 GB",
  ]);
  expect([0.0123, 4.21, 59, 3600, 93_784].map(formatSeconds)).toEqual([
    "12 ms",
    "4.2 s",
    "59 s",
    "1 h 0 min",
    "26 h 3 min",
  ]);
  expect([0.93214, 12, 1.5e-7, Infinity, null].map(formatMetric)).toEqual([
    "0.9321",
    "12",
    "1.50e-7",
    "∞",
    "NaN",
  ]);
});

test("a clock that was set back makes no negative age", () => {
  expect(formatAge(10_000, 0)).toBe("just now");
  expect(formatAge(0, 180_000)).toBe("3 min ago");
  expect(formatAge(0, 7_400)).toBe("7 s ago");
});
