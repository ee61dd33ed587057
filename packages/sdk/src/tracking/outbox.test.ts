import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TrackingError, TrackingUnreachable } from "./errors.ts";
import { MemoryServer } from "./memory-server.ts";
import { RunOutbox, type Drop, type OutboxOptions } from "./outbox.ts";
import { Rest } from "./rest.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

function start(server: MemoryServer, name: string, options: Partial<OutboxOptions> = {}) {
  const drops: Drop[] = [];
  const settled = vi.fn();
  const outbox = new RunOutbox({
    rest: new Rest({ url: "http://server", fetch: server.fetch }),
    creation: {
      key: `key of ${name}`,
      experiment: "Default",
      name,
      startTime: 1,
      tags: {},
      environment: false,
    },
    parent: null,
    environment: () => Promise.resolve({}),
    maxBuffered: 10_000,
    flushIntervalMs: 200,
    onDrop: (drop) => drops.push(drop),
    onSettled: settled,
    ...options,
  });
  return { outbox, drops, settled };
}

/** Lets waits pass until the promise is settled. */
async function passing<T>(promise: Promise<T>): Promise<T> {
  let done = false;
  const end = () => (done = true);
  promise.then(end, end);
  while (!done) await vi.advanceTimersByTimeAsync(50);
  return promise;
}

const point = (step: number) => ({ key: "loss", value: step, timestamp: 1, step });

test("creation, points in order, and the end", async () => {
  const server = new MemoryServer();
  const { outbox, settled, drops } = start(server, "a");
  for (let step = 0; step < 3500; step++) outbox.addMetric(point(step));
  outbox.addParam("rate", "1");
  outbox.addTag("state", "x");
  outbox.finish({ status: "FINISHED", endTime: 9 });
  await passing(outbox.flush(1000));
  const run = server.run("a");
  expect(run.metrics.map(({ step }) => step)).toEqual(Array.from({ length: 3500 }, (_, step) => step));
  expect(run).toMatchObject({ status: "FINISHED", endTime: 9, params: { rate: "1" }, tags: { state: "x" } });
  expect(server.requests.at(-1)?.path).toBe("runs/update");
  expect(server.requests.filter(({ path }) => path === "runs/log-batch")).toHaveLength(4);
  expect(drops).toEqual([]);
  expect(settled).toHaveBeenCalledOnce();
});

test("points that come together travel together", async () => {
  const server = new MemoryServer();
  const { outbox } = start(server, "a");
  await passing(outbox.flush(1000));
  for (let step = 0; step < 100; step++) outbox.addMetric(point(step));
  await vi.advanceTimersByTimeAsync(250);
  expect(server.requests.filter(({ path }) => path === "runs/log-batch")).toHaveLength(1);
  expect(server.run("a").metrics).toHaveLength(100);
});

test("a creation whose answer was lost is found again, not repeated", async () => {
  const server = new MemoryServer();
  server.faults.push({ path: "runs/create", fault: "lost" });
  const { outbox } = start(server, "a");
  await passing(outbox.flush(5000));
  expect(server.runs).toHaveLength(1);
  expect(outbox.runId).toBe(server.runs[0]?.id);
});

test("a server that is away and back, or busy, costs nothing but time", async () => {
  const server = new MemoryServer();
  const { outbox, drops } = start(server, "a");
  await passing(outbox.flush(1000));
  const busy = new Response("{}", { status: 429, headers: { "retry-after": "2" } });
  server.faults.push({ path: "log-batch", fault: "away" }, { path: "log-batch", fault: busy });
  for (let step = 0; step < 10; step++) outbox.addMetric(point(step));
  await passing(outbox.flush(60_000));
  expect(server.run("a").metrics.map(({ step }) => step)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(drops).toEqual([]);
});

test("one value that the server refuses takes nothing else with it, and is told", async () => {
  const server = new MemoryServer();
  server.refusedParams.add("bad");
  const { outbox, drops } = start(server, "a");
  outbox.addMetric(point(1));
  for (const key of ["good", "bad", "better"]) outbox.addParam(key, "1");
  outbox.addTag("state", "x");
  await passing(outbox.flush(5000));
  const run = server.run("a");
  expect(run.metrics).toHaveLength(1);
  expect(run.params).toEqual({ good: "1", better: "1" });
  expect(run.tags).toMatchObject({ state: "x", "hearth.dropped_points": "1" });
  expect(drops).toEqual([{ count: 1, reason: "refused", runId: run.id, message: "no bad" }]);
});

test("beyond its capacity the oldest points go; their number is told and becomes a tag", async () => {
  const server = new MemoryServer();
  const { outbox, drops } = start(server, "a", { maxBuffered: 100 });
  for (let step = 0; step < 130; step++) outbox.addMetric(point(step));
  expect(outbox.size).toBeLessThanOrEqual(101);
  await passing(outbox.flush(5000));
  const run = server.run("a");
  expect(run.metrics.at(-1)?.step).toBe(129);
  const lost = 130 - run.metrics.length;
  expect(run.tags["hearth.dropped_points"]).toBe(String(lost));
  expect(drops.reduce((sum, drop) => sum + drop.count, 0)).toBe(lost);
  expect(outbox.dropped).toBe(lost);
});

test("a flush that takes too long says so, and the points stay", async () => {
  const server = new MemoryServer();
  const { outbox } = start(server, "a");
  await passing(outbox.flush(1000));
  for (let at = 0; at < 4; at++) server.faults.push({ path: "log-batch", fault: "away" });
  outbox.addMetric(point(1));
  await expect(passing(outbox.flush(150))).rejects.toThrow(TrackingUnreachable);
  expect(outbox.size).toBe(1);
  await passing(outbox.flush(60_000));
  expect(server.run("a").metrics).toHaveLength(1);
});

test("a run that the server does not let begin tells it and sends nothing more", async () => {
  const server = new MemoryServer();
  const refusal = { error_code: "PERMISSION_DENIED", message: "not you" };
  server.faults.push({ path: "runs/create", fault: Response.json(refusal, { status: 403 }) });
  const { outbox, drops, settled } = start(server, "a");
  outbox.addMetric(point(1));
  await expect(passing(outbox.flush(1000))).rejects.toThrow(TrackingError);
  await expect(outbox.created).rejects.toThrow("not you");
  expect(drops).toMatchObject([{ reason: "failed", message: "not you" }]);
  expect(settled).toHaveBeenCalledOnce();
  outbox.addMetric(point(2));
  expect(server.requests).toHaveLength(1);
});

test("a child waits for its parent and names it", async () => {
  const server = new MemoryServer();
  const parent = start(server, "parent").outbox;
  const child = start(server, "child", { parent }).outbox;
  child.wake();
  await passing(parent.flush(1000));
  await passing(child.flush(1000));
  expect(server.run("child").tags["mlflow.parentRunId"]).toBe(server.run("parent").id);
});

test("what is unsent can be handed to another outbox, which sends it once", async () => {
  const server = new MemoryServer();
  const { outbox } = start(new MemoryServer(), "a");
  for (let step = 0; step < 1500; step++) outbox.addMetric(point(step));
  outbox.addArtifact({ path: "note.txt", text: "hello" });
  outbox.finish({ status: "KILLED", endTime: 5 });
  const unsent = outbox.takeUnsent();
  outbox.abandon(new Error("handed on"));
  if (unsent === null) throw new Error("something was unsent");
  const other = start(server, "a").outbox;
  other.restore(JSON.parse(JSON.stringify(unsent)) as typeof unsent);
  await passing(other.flush(5000));
  expect(server.run("a").metrics).toHaveLength(1500);
  expect(server.run("a")).toMatchObject({ status: "KILLED", endTime: 5 });
  expect([...server.files.values()]).toEqual(["hello"]);
  expect(other.takeUnsent()).toBeNull();
});
