import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SystemMetrics } from "./system-metrics.ts";
import { openRooms } from "./tests/rooms.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-system-metrics-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

test("a job that asks for it logs how busy machine and trainer are into its run, others do not", async () => {
  await using rooms = await openRooms(home);
  const watched = await rooms.createJob("steady", { system_metrics: true });
  const plain = await rooms.createJob("plain");
  await rooms.training.start();
  await rooms.finish(watched.id);
  await rooms.finish(plain.id);
  const { metrics } = await rooms.rooms.runs.getRun(watched.run_id);
  expect(metrics["system/system_memory_usage_percentage"]).toBeGreaterThan(0);
  expect(metrics["system/system_memory_usage_megabytes"]).toBeGreaterThan(0);
  const other = await rooms.rooms.runs.getRun(plain.run_id);
  expect(Object.keys(other.metrics).filter((key) => key.startsWith("system/"))).toEqual([]);
});

test("goes on counting where an earlier attempt stopped, and a failed write is told", async () => {
  await using rooms = await openRooms(home);
  const { runs, database } = rooms.rooms;
  const run = await runs.createRun({
    experimentId: await runs.ensureExperiment("watched"),
    kind: "training",
  });
  const failures: unknown[] = [];
  const watch = (runId: string) =>
    new SystemMetrics({
      database,
      runs,
      runId,
      readProcess: async () => ({ cpuSeconds: 1, residentBytes: 5_000_000 }),
      onFailed: (error) => failures.push(error),
    });
  for (let attempt = 0; attempt < 2; attempt++) await watch(run.id)[Symbol.asyncDispose]();
  const history = await runs.metricHistory(run.id, "system/process_memory_usage_megabytes", {
    page: 1,
    page_size: 10,
  });
  expect(history.items.map(({ step, value }) => [step, value])).toEqual([
    [0, 5],
    [1, 5],
    [2, 5],
    [3, 5],
  ]);
  expect(failures).toEqual([]);
  await watch("missing")[Symbol.asyncDispose]();
  await expect.poll(() => failures).toHaveLength(2);
  expect(failures[0]).toMatchObject({ code: "not_found" });
});
