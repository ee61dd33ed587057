import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine, type BenchOptions, type BenchReport } from "./report.ts";
import { measureAbort } from "./serving/abort.ts";
import { measureAdapters } from "./serving/adapters.ts";
import type { ServingBench } from "./serving/bench.ts";
import { measureCost } from "./serving/cost.ts";
import { measureCrowd } from "./serving/crowd.ts";
import { measureDecode } from "./serving/decode.ts";
import { measureFirstToken } from "./serving/first-token.ts";
import { measureRecovery } from "./serving/recovery.ts";
import { measureThroughHttp } from "./serving/through-http.ts";

const parts: Record<string, (bench: ServingBench) => Promise<void>> = {
  decode: measureDecode,
  "first-token": measureFirstToken,
  "through-http": measureThroughHttp,
  cost: measureCost,
  adapters: measureAdapters,
  abort: measureAbort,
  recovery: measureRecovery,
  crowd: measureCrowd,
};

/**
 * Serving: the engine by itself and through the hub, beside a bare loop over llama.cpp and beside llama-server where
 * one is on the PATH; what the hub costs a token and a request; aborts; a thousand callers at once.
 *
 * @throws Error when `parts` names a part that there is not.
 */
export async function benchServing({
  runs,
  parts: wanted = Object.keys(parts),
  quick = false,
}: Pick<BenchOptions, "runs" | "parts" | "quick">): Promise<BenchReport> {
  const unknown = wanted.filter((name) => !(name in parts));
  if (unknown.length > 0)
    throw new Error(
      `no part ${unknown.join(", ")} of this bench; there are ${Object.keys(parts).join(", ")}`,
    );
  const folder = await mkdtemp(join(tmpdir(), "hearth-bench-"));
  const bench: ServingBench = { runs, quick, threads: availableParallelism(), folder, rows: [], notes: [] };
  try {
    for (const name of wanted) {
      process.stderr.write(`${name} …\n`);
      try {
        await parts[name]?.(bench);
      } catch (error) {
        bench.notes.push(`${name} failed: ${String(error)}`);
      }
    }
    return { bench: "serving", machine: describeMachine(), rows: bench.rows, notes: bench.notes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
