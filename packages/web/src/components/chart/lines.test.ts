import { expect, test } from "vitest";
import { countHidden, drawnLines, extentOf, heightOf } from "./lines.ts";

const options = { smoothing: 0, band: false, scheme: "light" } as const;

test("smoothing leaves the line behind, or as a band where one is wanted", () => {
  const series = [{ label: "a", x: [0, 1, 2, 3], y: [0, 8, 0, 8] }];
  const [smoothed] = drawnLines(series, { ...options, smoothing: 0.9 });
  expect(smoothed?.behind).toEqual([0, 8, 0, 8]);
  expect(smoothed?.y[3]).toBeLessThan(8);
  const [banded] = drawnLines(series, { ...options, smoothing: 0.9, band: true });
  expect(banded?.behind).toBeNull();
  expect(banded?.band?.max).toEqual([0, 8, 8, 8]);
  expect(banded?.band?.min).toEqual([0, 0, 0, 0]);
});

test("the extremes of spans become their mean with a band, whole lines stay as they are", () => {
  const extremes = { label: "a", x: [0, 1, 2, 3, 4, 5], y: [0, 8, 0, 8, 0, 8], complete: false };
  const [spans, whole] = drawnLines([extremes, { ...extremes, complete: true }], { ...options, band: true });
  expect(spans?.band?.min).toEqual([0, 0, 0, 0, 0, 0]);
  expect(spans?.y[2]).toBeCloseTo(3.2, 12);
  expect(whole).toMatchObject({ band: null, y: extremes.y });
});

test("a group shows its own band, and only where it is wanted", () => {
  const group = { label: "g", x: [0], y: [2], band: { min: [1], max: [3] } };
  expect(drawnLines([group], { ...options, band: true })[0]?.band).toEqual(group.band);
  expect(drawnLines([group], options)[0]?.band).toBeNull();
});

test("lines are told apart by colours, and by dashes once those repeat", () => {
  const series = Array.from({ length: 28 }, (_, index) => ({ label: String(index), x: [], y: [] }));
  const looks = drawnLines(series, options).map(({ color, dash }) => JSON.stringify([color, dash]));
  expect(new Set(looks).size).toBe(28);
});

test("both axes reach over what is in sight", () => {
  const lines = drawnLines([{ label: "a", x: [0, 1, 2, 3, 4], y: [-5, 1, 2, null, 1000] }], options);
  expect(extentOf(lines)).toEqual({ min: 0, max: 4 });
  expect(extentOf(lines, true)).toEqual({ min: 1, max: 4 });
  expect(extentOf([])).toBeUndefined();
  expect(heightOf(lines, { min: 1, max: 2 }, false)).toEqual({ min: -5, max: 2 });
  expect(heightOf(lines, { min: 1, max: 2 }, true)).toEqual({ min: 1, max: 2 });
  expect(heightOf(lines, { min: 0, max: 4 }, false)).toEqual({ min: -5, max: 1000 });
});

test("what has no place on a chart is counted", () => {
  const series = [{ label: "a", x: [0, 1, 2, 3], y: [1, 0, null, NaN] }];
  expect(countHidden(series, { logX: false, logY: false })).toEqual({ infinite: 2, notPositive: 0 });
  expect(countHidden(series, { logX: true, logY: true })).toEqual({ infinite: 2, notPositive: 2 });
});
