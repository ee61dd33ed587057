import { rmSync } from "node:fs";
import { mkdtemp, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine, type BenchOptions, type BenchReport } from "./report.ts";
import { atExit } from "./tracking/at-exit.ts";
import { measureArtifacts } from "./tracking/artifacts.ts";
import { measureCeiling } from "./tracking/ceiling.ts";
import { startHearth } from "./tracking/hearth.ts";
import { measureHistories } from "./tracking/histories.ts";
import { measureMemory } from "./tracking/memory.ts";
import { findMlflow, startMlflow } from "./tracking/mlflow.ts";
import type { Peer } from "./tracking/peer.ts";
import { startPostgres } from "./tracking/postgres.ts";
import type { Bench, Sizes } from "./tracking/round.ts";
import { measureSearches } from "./tracking/searches.ts";
import { measureWrites } from "./tracking/writes.ts";

const fullSizes: Sizes = {
  seconds: { hearth: 2, mlflow: 3 },
  searched: { plain: 10_000, filtered: 100_000 },
  points: 10_000_000,
  smaller: { runs: 10_000, points: 1_000_000 },
  artifactBytes: 2_000_000_000,
  written: 1_000_000,
};

const quickSizes: Sizes = {
  seconds: { hearth: 1, mlflow: 1 },
  searched: { plain: 2000, filtered: 5000 },
  points: 200_000,
  smaller: { runs: 1000, points: 100_000 },
  artifactBytes: 200_000_000,
  written: 100_000,
};

const allPeers = ["hearth", "postgres", "mlflow"];

const parts: Record<string, (bench: Bench) => Promise<void>> = {
  ceiling: measureCeiling,
  writes: measureWrites,
  histories: measureHistories,
  searches: measureSearches,
  artifacts: measureArtifacts,
  memory: measureMemory,
};

/**
 * Tracking over the MLflow API: Hearth on SQLite and on PostgreSQL beside `mlflow server` with one and with
 * four workers, in turn, by the same client. What is not installed is left out and named in the notes.
 *
 * @throws Error when `parts` names a part that there is not.
 */
export async function benchTracking(options: BenchOptions): Promise<BenchReport> {
  const wanted = options.parts ?? Object.keys(parts);
  const unknown = wanted.filter((name) => !(name in parts));
  if (unknown.length > 0)
    throw new Error(
      `no part ${unknown.join(", ")} of this bench; there are ${Object.keys(parts).join(", ")}`,
    );
  const folder = await mkdtemp(join(tmpdir(), "hearth-bench-tracking-"));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  stack.use(atExit(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 })));
  const bench: Bench = {
    peers: [],
    runs: options.runs,
    sizes: options.quick === true ? quickSizes : fullSizes,
    folder,
    profile: options.profile,
    rows: [],
    notes: [],
  };
  bench.peers = await startPeers(bench, stack, options.peers ?? allPeers);
  for (const name of wanted) {
    const begin = performance.now();
    try {
      await parts[name]?.(bench);
    } catch (error) {
      bench.notes.push(`${name} failed: ${String(error)}`);
    }
    process.stderr.write(`${name}: ${Math.round((performance.now() - begin) / 1000)} s\n`);
  }
  return { bench: "tracking", machine: describeMachine(), rows: bench.rows, notes: bench.notes };
}

async function startPeers(
  bench: Bench,
  stack: AsyncDisposableStack,
  wanted: readonly string[],
): Promise<Peer[]> {
  const peers: Peer[] = [];
  await mkdir(bench.folder, { recursive: true });
  if (wanted.includes("hearth"))
    peers.push(
      stack.use(await startHearth({ name: "Hearth", folder: bench.folder, profile: bench.profile })),
    );
  const postgres = wanted.includes("postgres") ? await startPostgres() : undefined;
  if (postgres) {
    stack.use(postgres);
    const name = `Hearth on PostgreSQL ${postgres.version}`;
    peers.push(
      stack.use(
        await startHearth({ name, folder: bench.folder, databaseUrl: postgres.url, profile: bench.profile }),
      ),
    );
  } else if (wanted.includes("postgres"))
    bench.notes.push("PostgreSQL is not installed: no figures of Hearth on it");
  if (!wanted.includes("mlflow")) return peers;
  const mlflow = await findMlflow();
  if ("reason" in mlflow) {
    bench.notes.push(`MLflow is not installed in .venv: no comparison (${mlflow.reason})`);
    return peers;
  }
  // One after the other: the first makes the tables.
  for (const workers of [1, 4])
    peers.push(stack.use(await startMlflow(mlflow.version, workers, bench.folder)));
  return peers;
}
