import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeEachDatabase } from "../../storage/tests/each-database.ts";
import { createRuns } from "../runs.ts";
import { readBuckets, readManyBuckets } from "./buckets.ts";
import { cellsOf } from "./cells.ts";
import { eachPoints, findSeries } from "./history.ts";
import { insertMetrics } from "./insert.ts";
import { storedPoint, type MetricPoint, type StoredPoint } from "./points.ts";

/** Steps close together and far apart, values that meet, NaN. */
const point: fc.Arbitrary<MetricPoint> = fc.record({
  key: fc.constantFrom("loss", "accuracy"),
  value: fc.oneof(fc.constantFrom(0, 1, -1, Number.NaN, Infinity), fc.double({ noNaN: true })),
  step: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -100_000, max: 100_000 })),
  timestamp: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2_000_000_000_000 })),
});

const unique = (points: readonly StoredPoint[]) => [
  ...new Map(points.map((one) => [JSON.stringify(one), one])).values(),
];

describe("cells", () => {
  it("keep the extremes and the span of time of their steps, whatever order the points come in", () => {
    fc.assert(
      fc.property(fc.array(point, { minLength: 1 }), (points) => {
        const stored = points.map((one) => storedPoint({ ...one, key: "k" }));
        const cells = cellsOf(stored);
        for (const cell of cells) {
          const own = stored.filter(({ step }) => Math.floor(step / cell.width) === cell.cell);
          const values = own.filter(({ is_nan }) => is_nan === 0).map(({ value }) => value);
          expect(cell.min_value).toBe(values.length === 0 ? null : Math.min(...values));
          expect(cell.max_value).toBe(values.length === 0 ? null : Math.max(...values));
          expect(cell.first_timestamp).toBe(Math.min(...own.map(({ timestamp }) => timestamp)));
          expect(cell.last_timestamp).toBe(Math.max(...own.map(({ timestamp }) => timestamp)));
        }
        for (const { step } of stored)
          expect(cells.filter(({ cell, width }) => Math.floor(step / width) === cell)).not.toHaveLength(0);
      }),
    );
  });
});

describeEachDatabase("metrics", (open) => {
  const newRun = async () => {
    const { database } = open();
    const runs = createRuns({ database });
    const experimentId = await runs.ensureExperiment("metrics");
    const run = async () => (await runs.createRun({ experimentId, kind: "tracked" })).id;
    return { database, runs, run };
  };

  it("gives back every point once, in the order of a history, however they were written", async () => {
    const { database, run } = await newRun();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(point, { maxLength: 300 }), { maxLength: 4 }), async (batches) => {
        const runId = await run();
        for (const batch of batches) {
          await database.write((db) =>
            insertMetrics(db, [{ runId, points: batch.map((one) => storedPoint(one)) }]),
          );
        }
        for (const key of ["loss", "accuracy"]) {
          const expected = unique(batches.flat().map((one) => storedPoint(one)))
            .filter((one) => one.key === key)
            .map(({ timestamp, step, value, is_nan }) => ({ timestamp, step, value, is_nan }));
          const series = await findSeries(database.db, runId, key);
          const found = [];
          if (series !== undefined) {
            for await (const points of eachPoints(database.db, series)) found.push(...points);
          }
          expect(found).toEqual(
            expected.toSorted(
              (a, b) =>
                a.timestamp - b.timestamp ||
                a.step - b.step ||
                (a.value < b.value ? -1 : a.value > b.value ? 1 : a.is_nan - b.is_nan),
            ),
          );
        }
      }),
      { numRuns: 25 },
    );
  });

  it("keeps the smallest and the largest value of every bucket, at every zoom", async () => {
    const { database, run } = await newRun();
    const runId = await run();
    const points = Array.from({ length: 20_000 }, (_, index) => ({
      key: "k",
      value: Math.sin(index / 50) * index,
      step: index * 3 - 9000,
      timestamp: index,
    }));
    // Two peaks that a sample of one point in sixty would miss.
    Object.assign(points[7777] ?? {}, { value: 1e9 });
    Object.assign(points[12_345] ?? {}, { value: -1e9 });
    for (let start = 0; start < points.length; start += 1000) {
      const some = points.slice(start, start + 1000).map((one) => storedPoint(one));
      await database.write((db) => insertMetrics(db, [{ runId, points: some }]));
    }
    const spans = [
      {},
      { startStep: 0, endStep: 20_000 },
      { startStep: 14_000, endStep: 15_000 },
      { startStep: 14_330, endStep: 14_332 },
    ];
    for (const span of spans) {
      for (const buckets of [10, 320]) {
        const found = await readBuckets(database.db, { runId, key: "k", ...span, buckets });
        const inside = points.filter(
          ({ step }) => step >= (span.startStep ?? -Infinity) && step <= (span.endStep ?? Infinity),
        );
        expect(found.length).toBeLessThanOrEqual(buckets * 2);
        const values = found.map(({ value }) => value);
        // Whole cells may reach over the asked span by less than one of them.
        expect(Math.min(...values)).toBeLessThanOrEqual(Math.min(...inside.map(({ value }) => value)));
        expect(Math.max(...values)).toBeGreaterThanOrEqual(Math.max(...inside.map(({ value }) => value)));
        for (const { step, value, timestamp } of found)
          expect(points[timestamp]).toEqual({ key: "k", step, value, timestamp });
        expect(found.map(({ step }) => step)).toEqual(
          found.map(({ step }) => step).toSorted((a, b) => a - b),
        );
      }
    }
  });

  it("reads parts of many series at once, by step and by time, and knows when they are whole", async () => {
    const { database, run } = await newRun();
    const ids = [await run(), await run()];
    for (const [shift, runId] of ids.entries()) {
      const points = Array.from({ length: 9000 }, (_, step) =>
        storedPoint({ key: "k", value: step + shift, step: step - 500, timestamp: 10_000 + step }),
      );
      await database.write((db) => insertMetrics(db, [{ runId, points }]));
    }
    const series = [...ids, "nobody", "nul\0"].map((runId) => ({ runId, key: "k" }));
    const steps = { startStep: -3, endStep: 2 };
    const times = { startTime: 10_497, endTime: 10_502 };
    for (const part of [steps, times, { ...steps, ...times }, { ...steps, endTime: 20_000 }]) {
      const found = await readManyBuckets(database.db, { series, buckets: 3, ...part });
      expect(found.map(({ complete }) => complete)).toEqual([true, true, true, true]);
      expect(found.map(({ points }) => points.map(({ value }) => value))).toEqual([
        [497, 498, 499, 500, 501, 502],
        [498, 499, 500, 501, 502, 503],
        [],
        [],
      ]);
    }
    const whole = await readManyBuckets(database.db, { series, buckets: 2 });
    for (const [shift, { complete, points }] of whole.slice(0, 2).entries()) {
      expect(complete).toBe(false);
      expect(points.length).toBeLessThanOrEqual(6);
      expect(points.at(0)).toMatchObject({ value: shift, step: -500 });
      expect(points.at(-1)).toMatchObject({ value: 8999 + shift, step: 8499 });
    }
  });

  it("writes what many send at once together, and tells each its own failure", async () => {
    const { runs, run } = await newRun();
    const one = await run();
    const other = await run();
    const send = (runId: string, step: number) =>
      runs.logMetric(runId, { key: "k", value: step, step, timestamp: step });
    const results = await Promise.allSettled([
      ...Array.from({ length: 50 }, (_, step) => send(step % 2 === 0 ? one : other, step)),
      send("missing", 1),
    ]);
    expect(results.filter(({ status }) => status === "rejected")).toMatchObject([
      { reason: { code: "not_found", message: "Run with id=missing not found" } },
    ]);
    for (const runId of [one, other]) {
      expect((await runs.metricHistory(runId, "k", { page: 1, page_size: 100 })).total).toBe(25);
    }
    expect((await runs.getRun(other)).metrics).toEqual({ k: 49 });
  });
});
