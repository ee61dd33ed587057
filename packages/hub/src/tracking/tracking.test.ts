import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { describeEachDatabase } from "../storage/tests/each-database.ts";
import { createRuns, type MetricPoint, type Runs } from "./runs.ts";
import { createTraces, type TraceRecord } from "./traces.ts";

const page = { page: 1, page_size: 100 };

describeEachDatabase("runs", (open) => {
  let runs: Runs;
  let experiment = "";
  let time = 1_000;
  beforeEach(async () => {
    time = 1_000;
    runs = createRuns({ database: open().database, now: () => time++ });
    experiment = await runs.ensureExperiment("ember");
  });
  const create = () => runs.createRun({ experimentId: experiment, kind: "training" });

  it("records what a training was and what came out", async () => {
    const run = await runs.createRun({
      experimentId: experiment,
      kind: "training",
      name: "first",
      params: { rank: "8" },
      tags: { who: "me" },
    });
    expect(run).toMatchObject({
      name: "first",
      status: "RUNNING",
      params: { rank: "8" },
      tags: { who: "me" },
      ended_at: null,
    });
    await runs.logParams(run.id, { seed: "0" });
    await runs.setTags(run.id, { who: "you" });
    await runs.logMetrics(run.id, [
      { key: "loss", value: 2, step: 1, timestamp: 1 },
      { key: "loss", value: 1, step: 2, timestamp: 2 },
    ]);
    await runs.finishRun(run.id, "FINISHED");
    const found = await runs.getRun(run.id);
    expect(found).toMatchObject({
      status: "FINISHED",
      params: { rank: "8", seed: "0" },
      tags: { who: "you" },
      metrics: { loss: 1 },
    });
    expect(found.ended_at).not.toBeNull();
    await runs.resumeRun(run.id);
    expect(await runs.getRun(run.id)).toMatchObject({ status: "RUNNING", ended_at: null });
    expect(await runs.metricHistory(run.id, "loss", { page: 2, page_size: 1 })).toEqual({
      items: [{ step: 2, value: 1, timestamp: "1970-01-01T00:00:00.002Z" }],
      total: 2,
      page: 2,
      page_size: 1,
    });
  });

  it("gives an experiment of a known name again, also after it was deleted", async () => {
    expect(await runs.ensureExperiment("ember")).toBe(experiment);
    await runs.deleteExperiment(experiment);
    expect(await runs.ensureExperiment("ember")).toBe(experiment);
    expect(await runs.ensureExperiment("other")).not.toBe(experiment);
  });

  it("never changes a parameter", async () => {
    const { id } = await create();
    await runs.logParams(id, { rank: "8" });
    await runs.logParams(id, { rank: "8" });
    await expect(runs.logParams(id, { other: "1", rank: "16" })).rejects.toMatchObject({ code: "conflict" });
    expect((await runs.getRun(id)).params).toEqual({ rank: "8" });
  });

  it("keeps NaN as null, infinity as the largest number, and drops exact duplicates", async () => {
    const { id } = await create();
    const nan: MetricPoint = { key: "a", value: Number.NaN, step: 1, timestamp: 1 };
    await runs.logMetrics(id, [nan, nan, { ...nan, value: Infinity, step: 0 }]);
    await runs.logMetrics(id, [nan]);
    const { items } = await runs.metricHistory(id, "a", page);
    expect(items.map((item) => item.value)).toEqual([Number.MAX_VALUE, null]);
    expect((await runs.getRun(id)).metrics).toEqual({ a: null });
  });

  it("shows the value with the largest (step, timestamp, value), in whatever order and batches they came", async () => {
    const small = fc.integer({ min: -2, max: 2 });
    const point = fc.record({
      key: fc.constantFrom("a", "__proto__"),
      value: small,
      step: small,
      timestamp: fc.integer({ min: 0, max: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(point, { maxLength: 5 }), { maxLength: 4 }), async (batches) => {
        const { id } = await create();
        for (const batch of batches) await runs.logMetrics(id, batch);
        const shown = (await runs.getRun(id)).metrics;
        const expected = new Map<string, MetricPoint>();
        const order = (p: MetricPoint) => (p.step * 10 + p.timestamp) * 10 + p.value;
        for (const p of batches.flat()) {
          const known = expected.get(p.key);
          if (known === undefined || order(p) > order(known)) expected.set(p.key, p);
        }
        expect(new Map(Object.entries(shown))).toEqual(
          new Map([...expected].map(([key, p]) => [key, p.value + 0])),
        );
      }),
      { numRuns: 25 },
    );
  });

  it("takes thousands of points at once and many writers together", async () => {
    const { id } = await create();
    await runs.logMetrics(
      id,
      Array.from({ length: 2500 }, (_, step) => ({
        key: "loss",
        value: 1 / (step + 1),
        step,
        timestamp: step,
      })),
    );
    await Promise.all(
      Array.from({ length: 30 }, (_, step) =>
        runs.logMetrics(id, [{ key: `k${step % 3}`, value: step, step, timestamp: step }]),
      ),
    );
    expect((await runs.metricHistory(id, "loss", { page: 25, page_size: 100 })).items.at(-1)).toMatchObject({
      step: 2499,
    });
    expect((await runs.getRun(id)).metrics).toEqual({ loss: 1 / 2500, k0: 27, k1: 28, k2: 29 });
  });

  it("writes all of a batch or nothing", async () => {
    const { id } = await create();
    const fine: MetricPoint = { key: "a", value: 1, step: 1, timestamp: 1 };
    for (const wrong of [
      { ...fine, key: "" },
      { ...fine, key: "x".repeat(251) },
      { ...fine, step: 0.5 },
      { ...fine, timestamp: Number.NaN },
    ]) {
      await expect(runs.logMetrics(id, [fine, wrong])).rejects.toMatchObject({ code: "invalid_request" });
    }
    expect((await runs.metricHistory(id, "a", page)).total).toBe(0);
  });

  it("knows no run that is not there", async () => {
    for (const call of [
      () => runs.getRun("nope"),
      () => runs.logMetrics("nope", [{ key: "a", value: 1, step: 1, timestamp: 1 }]),
      () => runs.finishRun("nope", "FAILED"),
      () => runs.metricHistory("nope", "a", page),
      () => runs.createRun({ experimentId: "nope", kind: "tracked" }),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("lists the runs of an experiment, the newest first", async () => {
    const first = await create();
    const second = await runs.createRun({ experimentId: experiment, kind: "evaluation" });
    const elsewhere = await runs.createRun({
      experimentId: await runs.ensureExperiment("other"),
      kind: "training",
    });
    await runs.finishRun(first.id, "FAILED");
    const ids = async (query: Parameters<Runs["searchRuns"]>[0]) =>
      (await runs.searchRuns(query)).items.map((run) => run.id);
    expect(await ids({ ...page, experimentId: experiment })).toEqual([second.id, first.id]);
    expect(await ids({ ...page, kind: "training" })).toEqual([elsewhere.id, first.id]);
    expect(await ids({ ...page, status: "FAILED" })).toEqual([first.id]);
    expect(await runs.searchRuns({ page: 2, page_size: 2 })).toMatchObject({
      total: 3,
      items: [{ id: first.id }],
    });
  });
});

const record: TraceRecord = {
  endpoint: "/v1/chat/completions",
  model: "ember",
  version: 1,
  version_id: "v1",
  run_id: null,
  artifact_sha256: null,
  status: "ok",
  finish_reason: "stop",
  error_code: null,
  prompt_tokens: 10,
  cached_tokens: 0,
  completion_tokens: 5,
  ttft_ms: 12.5,
  latency_ms: 40.25,
};

describeEachDatabase("traces", (open) => {
  it("are found at once, by id and in the list, the newest first", async () => {
    const traces = createTraces({ database: open().database, onWriteFailed: () => expect.unreachable() });
    const first = traces.record({ ...record, created_at: 1 });
    const second = traces.record({ ...record, model: "other", status: "cancelled", created_at: 2 });
    expect(await traces.get(first)).toEqual({ ...record, id: first, created_at: "1970-01-01T00:00:00.001Z" });
    expect((await traces.list(page)).items.map((trace) => trace.id)).toEqual([second, first]);
    expect((await traces.list({ ...page, model: "ember" })).items.map((trace) => trace.id)).toEqual([first]);
    expect((await traces.list({ ...page, status: "cancelled" })).total).toBe(1);
    await expect(traces.get("nope")).rejects.toMatchObject({ code: "not_found" });
  });

  it("reach the database by themselves", async () => {
    const { database, openAgain } = open();
    const traces = createTraces({ database, onWriteFailed: () => expect.unreachable() });
    const other = createTraces({ database: await openAgain(), onWriteFailed: () => expect.unreachable() });
    traces.record(record);
    await expect.poll(async () => (await other.list(page)).total).toBe(1);
  });

  it("are all written when it is closed", async () => {
    const { database, openAgain } = open();
    const traces = createTraces({ database, onWriteFailed: () => expect.unreachable() });
    for (let index = 0; index < 450; index++) traces.record(record);
    await traces[Symbol.asyncDispose]();
    const other = createTraces({ database: await openAgain(), onWriteFailed: () => expect.unreachable() });
    expect((await other.list(page)).total).toBe(450);
  });

  it("are not lost with a transaction that they were recorded in, nor while the database fails", async () => {
    const { database } = open();
    const failures: number[] = [];
    let broken = true;
    const flaky: typeof database = {
      ...database,
      get db() {
        return database.db;
      },
      record: (work) => (broken ? Promise.reject(new Error("no disk")) : database.record(work)),
    };
    const traces = createTraces({ database: flaky, onWriteFailed: (_, lost) => failures.push(lost) });
    await database
      .transaction(async () => {
        traces.record(record);
        await traces.flush();
        throw new Error("rolled back");
      })
      .catch(() => undefined);
    expect(failures).toEqual([0]);
    broken = false;
    await database
      .transaction(async () => {
        await Promise.resolve();
        traces.record(record);
        throw new Error("rolled back");
      })
      .catch(() => undefined);
    expect((await traces.list(page)).total).toBe(2);
  });
});
