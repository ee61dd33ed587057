import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Database } from "../packages/hub/src/storage/database.ts";
import { createRuns, type MetricPoint } from "../packages/hub/src/tracking/runs.ts";
import { describeMachine, median, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";

const writes = 800;
const pointsPerBatch = 1000;
const batches = 10;

/**
 * Metrics written to SQLite, each acknowledged after its fsync: one writer, and several that share
 * commits, beside the same writes with a transaction each. Fresh file for every measurement.
 */
export async function benchStorage({ runs }: BenchOptions): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  for (const writers of [1, 8, 64]) {
    rows.push(
      await measure(`log-metric, ${writers} at once`, "writes/s", runs, {
        "group commit": (database) => writeSingles(database, database.write, writers),
        "a commit each": (database) => writeSingles(database, database.transaction, writers),
      }),
    );
  }
  rows.push(
    await measure(`log-batch of ${pointsPerBatch}, 4 at once`, "metrics/s", runs, {
      "group commit": writeBatches,
    }),
  );
  return {
    bench: "storage",
    machine: describeMachine(),
    rows,
    notes: [`the files are in ${tmpdir()}; its disk decides`],
  };
}

async function measure(
  name: string,
  unit: string,
  runs: number,
  ways: Record<string, (database: Database) => Promise<number>>,
): Promise<BenchRow> {
  const samples: Record<string, number[]> = {};
  for (let run = 0; run < runs; run++) {
    for (const [way, work] of Object.entries(ways)) (samples[way] ??= []).push(await onFreshDatabase(work));
  }
  const values = Object.fromEntries(Object.entries(samples).map(([way, list]) => [way, median(list)]));
  return { name, unit, values, samples };
}

async function onFreshDatabase(work: (database: Database) => Promise<number>): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "hearth-bench-storage-"));
  try {
    await using database = await openDatabase({ kind: "sqlite", path: join(folder, "hearth.db") });
    return await work(database);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Single metrics by `writers` that each wait for their answer; how many a second. */
async function writeSingles(database: Database, commit: Database["write"], writers: number): Promise<number> {
  const runs = createRuns({ database });
  const { id } = await runs.createRun({
    experimentId: await runs.ensureExperiment("bench"),
    kind: "tracked",
  });
  const start = performance.now();
  const writer = async (_: unknown, index: number) => {
    for (let step = 0; step < writes / writers; step++) {
      // The inner write becomes part of the outer one: both ways run the same statements.
      await commit(() =>
        runs.logMetrics(id, [{ key: `metric-${index}`, value: step, step, timestamp: step }]),
      );
    }
  };
  await Promise.all(Array.from({ length: writers }, writer));
  return (writes / (performance.now() - start)) * 1000;
}

async function writeBatches(database: Database): Promise<number> {
  const runs = createRuns({ database });
  const { id } = await runs.createRun({
    experimentId: await runs.ensureExperiment("bench"),
    kind: "tracked",
  });
  const start = performance.now();
  const writer = async (_: unknown, index: number) => {
    for (let batch = 0; batch < batches; batch++) {
      const points = Array.from({ length: pointsPerBatch }, (__, point): MetricPoint => {
        const step = batch * pointsPerBatch + point;
        return { key: `metric-${index}-${point % 10}`, value: point, step, timestamp: step };
      });
      await runs.logMetrics(id, points);
    }
  };
  await Promise.all(Array.from({ length: 4 }, writer));
  return ((4 * batches * pointsPerBatch) / (performance.now() - start)) * 1000;
}
