import { expect, test } from "vitest";
import { nameOf, partsOf } from "./series-parts.ts";

const names = (count: number) => Array.from({ length: count }, (_, run) => ({ run_id: `r${run}`, key: "k" }));
const starts = (count: number) => new Map(names(count).map((name, run) => [nameOf(name), run * 1000]));
const range = { min: 1.5, max: 2.25 };

test("steps and times are the same for all runs, to the whole number outside", () => {
  const series = names(2);
  expect(partsOf(series, { axis: "step", range }, new Map())).toEqual([
    { series, start_step: 1, end_step: 3 },
  ]);
  expect(partsOf(series, { axis: "time", range }, new Map())).toEqual([
    { series, start_time: 1, end_time: 3 },
  ]);
  expect(partsOf(series, { axis: "time", range: null }, new Map())).toEqual([{ series }]);
});

test("relative time is another time in each run", () => {
  const [one, other] = names(2);
  expect(partsOf(names(2), { axis: "relative", range }, starts(2))).toEqual([
    { series: [one], start_time: 1500, end_time: 2250 },
    { series: [other], start_time: 2500, end_time: 3250 },
  ]);
});

test("many runs share one part that covers all of theirs", () => {
  expect(partsOf(names(30), { axis: "relative", range }, starts(30))).toEqual([
    { series: names(30), start_time: 1500, end_time: 31_250 },
  ]);
});

test("a metric without a point is asked for as a whole", () => {
  const series = names(1);
  expect(
    partsOf(series, { axis: "relative", range }, new Map([[nameOf({ run_id: "r0", key: "k" }), Infinity]])),
  ).toEqual([{ series }]);
});
