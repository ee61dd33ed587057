import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { residentBytes } from "../resident-memory.ts";
import { freePort, healthy, startGroup, stopGroup } from "./child.ts";
import type { Peer } from "./peer.ts";

const run = promisify(execFile);
const python = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
const filler = fileURLToPath(new URL("fill_mlflow.py", import.meta.url));

/** The version of mlflow in the checkout's Python environment, or why there is none. */
export async function findMlflow(): Promise<{ version: string } | { reason: string }> {
  try {
    await access(python);
    const { stdout } = await run(python, [
      "-c",
      "import importlib.metadata as m; print(m.version('mlflow'))",
    ]);
    return { version: stdout.trim() };
  } catch (error) {
    const words = error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error);
    return { reason: words };
  }
}

/**
 * `mlflow server` with `workers` processes on the SQLite file of `folder`. Servers of one folder share the file:
 * they are measured in turn, and what one fills the other has too. Its job queue, which nothing here needs, is off.
 */
export async function startMlflow(version: string, workers: number, folder: string): Promise<Peer> {
  const port = await freePort();
  const name = `MLflow ${version}, ${workers} ${workers === 1 ? "worker" : "workers"}`;
  const log = join(folder, `mlflow-${workers}.log`);
  const database = join(folder, "mlflow.db");
  const child = startGroup({
    command: python,
    args: `-m mlflow server --host 127.0.0.1 --port ${port} --workers ${workers}`
      .split(" ")
      .concat(
        "--backend-store-uri",
        `sqlite:///${database}`,
        "--artifacts-destination",
        join(folder, "mlflow-artifacts"),
      ),
    cwd: folder,
    env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false" },
    log,
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await healthy(child, url, "/health", log);
  } catch (error) {
    await stopGroup(child);
    throw error;
  }
  const fill = async (...args: string[]) => {
    await run(python, [filler, database, ...args]);
  };
  return {
    name,
    kind: "mlflow",
    database: "sqlite",
    url,
    memory: () => groupBytes(child.pid ?? 0),
    fillFile: {
      runs: (experimentId, count) => fill("runs", experimentId, String(count)),
      points: (runId, key, count) => fill("points", runId, key, String(count)),
    },
    [Symbol.asyncDispose]: () => stopGroup(child),
  };
}

/** Resident bytes of all processes of a group (Linux; elsewhere of its leader only). */
function groupBytes(leader: number): number {
  if (process.platform !== "linux") return residentBytes(leader);
  let bytes = 0;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      // Field 5 is the group; the name in parentheses before it may hold spaces.
      const fields = readFileSync(`/proc/${entry}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      if (Number(fields[2]) === leader) bytes += residentBytes(Number(entry));
    } catch (error) {
      if (!(error instanceof Error && /ENOENT|ESRCH|has it ended/.test(error.message))) throw error;
    }
  }
  return bytes;
}
