import * as fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom } from "../../training/trainers/onnx/data/random.ts";
import { bootstrapIntervals } from "./bootstrap.ts";
import { macroF1, quantile, weightedMean } from "./statistic.ts";

const never = new AbortController().signal;

test("95 % intervals of means hold the true mean about 95 times of 100", async () => {
  const random = seededRandom(7, "coverage");
  let holds = 0;
  const experiments = 200;
  for (let experiment = 0; experiment < experiments; experiment++) {
    const values = Array.from({ length: 80 }, () => Number(random.uniform() < 0.7));
    const { intervals } = await bootstrapIntervals(
      values.length,
      [weightedMean("share", values)],
      { seed: experiment, resamples: 300 },
      never,
    );
    const [interval] = intervals;
    if (interval !== null && interval !== undefined && interval.low <= 0.7 && 0.7 <= interval.high)
      holds += 1;
  }
  // Four standard deviations about 0.95, and a little for the percentile method's known optimism.
  expect(holds / experiments).toBeGreaterThan(0.87);
  expect(holds / experiments).toBeLessThan(1);
}, 60_000);

test("the same seed draws the same interval, another another; the width falls with the root of the rows", async () => {
  const of = async (rows: number, seed: number) => {
    const values = Array.from({ length: rows }, (_, row) => row % 2);
    const { intervals, drawn } = await bootstrapIntervals(
      rows,
      [weightedMean("share", values)],
      { seed },
      never,
    );
    expect(drawn).toEqual({ resamples: 1_000, seed, level: 0.95 });
    const [interval] = intervals;
    if (interval === null || interval === undefined) throw new Error("a share has an interval");
    return interval;
  };
  expect(await of(100, 1)).toEqual(await of(100, 1));
  expect(await of(101, 1)).not.toEqual(await of(101, 2));
  const [few, many] = [await of(100, 1), await of(1_600, 1)];
  const ratio = (few.high - few.low) / (many.high - many.low);
  expect(ratio).toBeGreaterThan(3);
  expect(ratio).toBeLessThan(5);
  // 1.96 · √(0.25 / 100) on each side
  expect(few.high - few.low).toBeCloseTo(0.196, 1);
}, 30_000);

test("a resample by counts is what the same rows say when they are written out", () => {
  const value = fc.oneof(fc.double({ min: -100, max: 100, noNaN: true }), fc.constant(null));
  const table = fc.array(
    fc.record({
      value,
      times: fc.nat(3),
      label: fc.integer({ min: -1, max: 2 }),
      given: fc.integer({ min: -1, max: 2 }),
    }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(table, (rows) => {
      const counts = Uint32Array.from(rows, ({ times }) => times);
      const written = rows.flatMap((row) => Array.from({ length: row.times }, () => row));
      const once = new Uint32Array(written.length).fill(1);
      const figures = (of: typeof rows) => [
        weightedMean(
          "mean",
          of.map((row) => row.value),
          of.map((_, index) => 1 + (of[index]?.label ?? 0) + 1),
        ),
        quantile(
          "median",
          of.map((row) => row.value),
          0.5,
        ),
        quantile(
          "p95",
          of.map((row) => row.value),
          0.95,
        ),
        macroF1(
          "f1",
          3,
          of.map(({ label }) => label),
          of.map(({ given }) => given),
        ),
      ];
      const expected = figures(written).map((figure) => figure.of(once));
      for (const [index, figure] of figures(rows).entries()) {
        const [one, other] = [figure.of(counts), expected[index] ?? Number.NaN];
        if (Number.isNaN(other)) expect(one).toBeNaN();
        else expect(one).toBeCloseTo(other, 8);
      }
    }),
  );
});

test("the middle of times is the usual median", () => {
  const median = (values: number[]) => quantile("m", values, 0.5).of(new Uint32Array(values.length).fill(1));
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(quantile("p", [5, 1], 0.95).of(Uint32Array.of(1, 1))).toBe(5);
});

test("it gives way to others and stops when it is told to", async () => {
  const stop = new AbortController();
  const statistic = {
    name: "slow",
    rows: 50_000,
    of: () => {
      stop.abort(new Error("enough"));
      return 1;
    },
  };
  await expect(bootstrapIntervals(50_000, [statistic], { seed: 1 }, stop.signal)).rejects.toThrow("enough");
}, 30_000);

test("nothing to draw from gives no interval", async () => {
  const { intervals } = await bootstrapIntervals(0, [weightedMean("share", [])], { seed: 1 }, never);
  expect(intervals).toEqual([null]);
  const nowhere = await bootstrapIntervals(2, [weightedMean("share", [null, null])], { seed: 1 }, never);
  expect(nowhere.intervals).toEqual([null]);
});
