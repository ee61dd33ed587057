import type { MetricSeriesRequest } from "@hearth/wire/hub/metric-series";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { TestHub } from "./test-hub.ts";

const created = z.object({ run: z.object({ info: z.object({ run_id: z.string() }) }) });
const start = Date.UTC(2026, 0, 1);
/** So many points of the long metric, one a second, with one spike that a sample would miss. */
const length = 10_000;
const spike = 7_777;

let hub: TestHub;
let runId: string;
let other: string;
beforeAll(async () => {
  hub = await TestHub.start();
  runId = await newRun();
  other = await newRun();
  const few = [3, NaN, 1, Infinity, 2].map((value, step) => point("few", value, step * 10));
  await log(runId, few);
  await log(other, [point("few", 7, 5)]);
  const long = Array.from({ length }, (_, step) =>
    point("long", step === spike ? 1e6 : Math.sin(step / 100), step),
  );
  for (let first = 0; first < length; first += 1000) await log(runId, long.slice(first, first + 1000));
  // As they log who give no step.
  const stepless = Array.from({ length: 900 }, (_, index) => ({
    ...point("stepless", index, index),
    step: 0,
  }));
  await log(runId, stepless);
});
afterAll(() => hub[Symbol.asyncDispose]());

const series = (request: Omit<MetricSeriesRequest, "series">, key = "long") =>
  hub.client.runs.metricSeries({ series: [{ run_id: runId, key }], ...request });

test("few points come all, of several runs, and null stands for what is no finite number", async () => {
  const items = await hub.client.runs.metricSeries({
    series: [
      { run_id: other, key: "few" },
      { run_id: runId, key: "few" },
    ],
  });
  expect(items).toEqual([
    { run_id: other, key: "few", complete: true, step: [5], timestamp: [start + 5000], value: [7] },
    {
      run_id: runId,
      key: "few",
      complete: true,
      step: [0, 10, 20, 30, 40],
      timestamp: [0, 10, 20, 30, 40].map((step) => start + step * 1000),
      value: [3, null, 1, null, 2],
    },
  ]);
});

test("many points become the extremes of spans, and no peak is lost", async () => {
  for (const buckets of [1, 10, 400]) {
    const [found] = await series({ buckets });
    expect(found?.complete).toBe(false);
    expect(found?.step.length).toBeLessThanOrEqual(buckets * 2);
    expect(found?.step).toEqual(found?.step.toSorted((a, b) => a - b));
    const peak = found?.step.indexOf(spike) ?? -1;
    expect(found?.value[peak]).toBe(1e6);
    expect(found?.timestamp[peak]).toBe(start + spike * 1000);
    expect(Math.min(...(found?.value ?? []).map(Number))).toBeCloseTo(-1, 3);
  }
});

test("a range of steps comes in full detail when it is short", async () => {
  const [found] = await series({ start_step: 7_000, end_step: 7_500, buckets: 400 });
  expect(found?.complete).toBe(true);
  expect(found?.step).toEqual(Array.from({ length: 501 }, (_, index) => 7_000 + index));
  expect(found?.value[3]).toBeCloseTo(Math.sin(70.03), 12);
});

test("a range of time comes in full detail when it is short, and narrows a range of steps", async () => {
  const [found] = await series({ start_time: start + 100_000, end_time: start + 199_999 });
  expect(found?.complete).toBe(true);
  expect(found?.step).toEqual(Array.from({ length: 100 }, (_, index) => 100 + index));
  const [both] = await series({ start_step: 150, end_step: 9_000, end_time: start + 160_000 });
  expect(both?.step).toEqual(Array.from({ length: 11 }, (_, index) => 150 + index));
});

test("points without steps are told apart by their times", async () => {
  const [found] = await series({ buckets: 100 }, "stepless");
  expect(found?.complete).toBe(false);
  expect(found?.value).toHaveLength(200);
  expect(new Set(found?.step)).toEqual(new Set([0]));
});

test("more series than can be read point by point come more coarsely, each with its peak", async () => {
  const names = Array.from({ length: 40 }, () => ({ run_id: runId, key: "long" }));
  const copies = await Promise.all(Array.from({ length: 15 }, () => newRun()));
  for (const copy of copies) {
    for (let first = 0; first < length; first += 1000) {
      const points = Array.from({ length: 1000 }, (_, index) =>
        point("long", first + index === spike ? 5 : 0.5, first + index),
      );
      await log(copy, points);
    }
  }
  const items = await hub.client.runs.metricSeries({
    series: [...names, ...copies.map((run_id) => ({ run_id, key: "long" }))],
    buckets: 400,
  });
  expect(items).toHaveLength(55);
  expect(items[0]).toEqual(items[39]);
  for (const { step, value } of items) {
    expect(step.length).toBeGreaterThan(100);
    expect(step.length).toBeLessThanOrEqual(800);
    expect(value[step.indexOf(spike)]).toBeGreaterThan(4);
  }
});

test.each([
  ["run", { run_id: "nobody", key: "few" }],
  ["metric", { run_id: "", key: "nothing" }],
  ["hostile metric", { run_id: "", key: "few' or 1=1 --" }],
  ["metric with NUL", { run_id: "", key: "few\u0000" }],
])("an unknown %s gives an empty series", async (_, name) => {
  const asked = { ...name, run_id: name.run_id === "" ? runId : name.run_id };
  const items = await hub.client.runs.metricSeries({ series: [asked, { run_id: other, key: "few" }] });
  expect(items).toMatchObject([
    { ...asked, complete: true, step: [], timestamp: [], value: [] },
    { value: [7] },
  ]);
});

test("a range without points gives an empty series", async () => {
  expect(await series({ start_step: 20_000 })).toMatchObject([{ step: [] }]);
  expect(await series({ start_step: 20, end_step: 10 })).toMatchObject([{ step: [] }]);
  expect(await series({ end_time: start - 1 })).toMatchObject([{ step: [] }]);
});

test.each([
  { series: [] },
  { series: [{ run_id: "", key: "k" }] },
  { series: [{ run_id: "r" }] },
  { series: Array.from({ length: 1001 }, () => ({ run_id: "r", key: "k" })) },
  { buckets: 0 },
  { buckets: 4001 },
  { start_step: 1.5 },
  { end_time: "now" },
  { nothing: 1 },
])("a wrong request is refused: %#", async (change) => {
  const answer = await hub.post("/metrics/series", { series: [{ run_id: runId, key: "few" }], ...change });
  expect(answer.status).toBe(400);
});

function point(key: string, value: number, step: number) {
  const text = Number.isFinite(value) ? value : Number.isNaN(value) ? "NaN" : "Infinity";
  return { key, value: text, step, timestamp: start + step * 1000 };
}

async function log(run_id: string, metrics: readonly unknown[]): Promise<void> {
  expect((await hub.post("/api/2.0/mlflow/runs/log-batch", { run_id, metrics })).status).toBe(200);
}

async function newRun(): Promise<string> {
  const answer = await hub.post("/api/2.0/mlflow/runs/create", { experiment_id: "0", start_time: start });
  return created.parse(await answer.json()).run.info.run_id;
}
