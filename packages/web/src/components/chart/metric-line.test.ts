import { expect, test } from "vitest";
import { metricLine } from "./metric-line.ts";

/** As a run logs it that goes on after a fault: steps count again. */
const series = {
  run_id: "r",
  key: "k",
  complete: true,
  step: [0, 1, 1, 2],
  timestamp: [1000, 2000, 9000, 3000],
  value: [5, 6, 7, null],
};

test("a line is over steps as they are, and over time in its order", () => {
  expect(metricLine(series, "step", "a")).toEqual({
    label: "a",
    x: [0, 1, 1, 2],
    y: [5, 6, 7, null],
    complete: true,
  });
  expect(metricLine(series, "time", "a")).toMatchObject({ x: [1000, 2000, 3000, 9000], y: [5, 6, null, 7] });
});

test("relative time begins with the first point, of the part or of all", () => {
  expect(metricLine(series, "relative", "a").x).toEqual([0, 1, 2, 8]);
  expect(metricLine(series, "relative", "a", 500).x).toEqual([0.5, 1.5, 2.5, 8.5]);
});
