import { constants, existsSync } from "node:fs";
import { access, readdir, stat, statfs } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { dirname } from "node:path";
import { HubUnreachable, type HearthClient } from "@hearth/sdk";
import { loadConfig } from "../../config/load.ts";
import { mlxPython } from "../../server/mlx-python.ts";
import { mlxTrainer } from "../../training/trainers/mlx/trainer.ts";
import { formatBytes } from "../output.ts";
import { chat } from "./chat.ts";
import type { Finding } from "./finding.ts";
import { loadsInChild } from "./native-library.ts";

type Check = (context: { client: HearthClient; signal: AbortSignal }) => Promise<Finding> | Finding;

const LEAST_FREE_BYTES = 2e9;

const checks: readonly Check[] = [node, machine, database, engine, trainer, mlx, home, disk, hub, chat];

/** Every check, one after the other: they load native libraries and should not disturb each other. */
export async function examine(client: HearthClient, signal: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) {
    signal.throwIfAborted();
    findings.push(await check({ client, signal }));
  }
  return findings;
}

function node(): Finding {
  const major = Number(process.versions.node.split(".")[0]);
  return {
    name: "node",
    ok: major >= 24,
    needed: true,
    found: process.version,
    fix: "run hearth by `npx hearth` in the checkout, which uses the pinned Node",
  };
}

function machine(): Finding {
  return {
    name: "machine",
    ok: true,
    needed: true,
    found: `${process.platform}-${process.arch}, ${availableParallelism()} cores, ${formatBytes(totalmem())} of memory`,
    fix: null,
  };
}

function database(): Promise<Finding> {
  return native(
    "database",
    import.meta.resolve("better-sqlite3"),
    "new module.default(':memory:').prepare('select 1').get()",
  );
}

function engine(): Promise<Finding> {
  return native(
    "engine (llama.cpp)",
    new URL("../../inference/engines/llama/library.ts", import.meta.url).href,
    "const { llama } = await module.loadLibrary(1); console.log(llama.gpu || 'CPU'); process.exit(0)",
  );
}

function trainer(): Promise<Finding> {
  return native(
    "trainer (ONNX Runtime)",
    import.meta.resolve("onnxruntime-node"),
    "console.log(module.listSupportedBackends().map((b) => b.name).join(', '))",
  );
}

/** Engine and trainer of models in MLX's format; whoever has none misses nothing. */
function mlx(): Finding {
  const { home: folder, mlxServerUrl } = loadConfig();
  const { available, found } = mlxTrainer(() => mlxPython(folder, mlxServerUrl)).availability();
  return { name: "trainer (mlx)", ok: available, needed: false, found, fix: null };
}

async function native(name: string, location: string, use: string): Promise<Finding> {
  const { ok, words } = await loadsInChild(location, use);
  return {
    name,
    ok,
    needed: true,
    found: words,
    fix: "run `npm ci` again; on Linux, glibc 2.28 or newer is needed",
  };
}

async function home(): Promise<Finding> {
  const { home: folder } = loadConfig();
  const finding = { name: "home folder", needed: true, fix: `make ${folder} yours: chown and chmod 700` };
  if (!existsSync(folder)) return { ...finding, ok: true, found: `${folder} (made at the first start)` };
  try {
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const { mode } = await stat(folder);
    const open = (mode & 0o077) !== 0 && process.platform !== "win32";
    return {
      ...finding,
      ok: !open,
      found: open
        ? `${folder} can be entered by others`
        : `${folder}, ${(await readdir(folder)).length} entries`,
    };
  } catch (error) {
    return { ...finding, ok: false, found: error instanceof Error ? error.message : String(error) };
  }
}

async function disk(): Promise<Finding> {
  let folder = loadConfig().home;
  while (!existsSync(folder)) folder = dirname(folder);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  return {
    name: "disk",
    ok: free >= LEAST_FREE_BYTES,
    needed: true,
    found: `${formatBytes(free)} free at ${folder}`,
    fix: `free some: training writes checkpoints, ${formatBytes(LEAST_FREE_BYTES)} should be there`,
  };
}

async function hub({ client, signal }: { client: HearthClient; signal: AbortSignal }): Promise<Finding> {
  try {
    const health = await client.health({ signal });
    return {
      name: "hub",
      ok: health.status === "ok",
      needed: false,
      found: `${client.url}, version ${health.version}, ${health.status}`,
      fix: "look into its log: `make logs`",
    };
  } catch (error) {
    if (!(error instanceof HubUnreachable)) throw error;
    return {
      name: "hub",
      ok: false,
      needed: false,
      found: `nothing answers at ${client.url}`,
      fix: "start it: `hearth serve`",
    };
  }
}
