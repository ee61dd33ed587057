import { expect, test } from "vitest";
import { csvOf, rowsOf } from "./chart-rows.ts";
import { nearestIndex } from "./series.ts";

const series = [
  { label: "a", x: [0, 2, 4], y: [1, null, 9] },
  { label: "b", x: [1, 2], y: [5, 3] },
];

test("points of several lines are listed by x, or by their values with gaps last", () => {
  expect(rowsOf(series, null).map(({ label, x }) => `${label}${x}`)).toEqual(["a0", "b1", "a2", "b2", "a4"]);
  expect(rowsOf(series, null, "largest").map(({ y }) => y)).toEqual([9, 5, 3, 1, null]);
  expect(rowsOf(series, null, "smallest").map(({ y }) => y)).toEqual([1, 3, 5, 9, null]);
  expect(rowsOf(series, { min: 1, max: 2 })).toHaveLength(3);
});

test("CSV keeps hostile names as texts that no spreadsheet reckons with", () => {
  const rows = rowsOf([{ label: '=cmd|"x",1', x: [1, 2], y: [0.5, null] }], null);
  expect(csvOf(rows, "step")).toBe(
    'series,"step",value\r\n"\'=cmd|""x"",1",1,0.5\r\n"\'=cmd|""x"",1",2,\r\n',
  );
});

test("the nearest point is one with a value", () => {
  const line = { x: [0, 10, 20, 30], y: [1, null, null, 4] };
  expect(nearestIndex(line, 12)).toBe(0);
  expect(nearestIndex(line, 19)).toBe(3);
  expect(nearestIndex(line, -5)).toBe(0);
  expect(nearestIndex({ x: [0], y: [null] }, 0)).toBeUndefined();
});
