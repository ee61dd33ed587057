import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { HearthClient } from "@hearth/sdk";
import { describeMachine, median, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";
import { residentBytes } from "./resident-memory.ts";

const checkout = fileURLToPath(new URL("..", import.meta.url));
const launcher = join(checkout, "packages/hub/bin/hearth.js");

/** First impressions: start-up, idle memory, the first token, and what an install costs. */
export async function benchStart(options: BenchOptions): Promise<BenchReport> {
  const health: number[] = [];
  const idle: number[] = [];
  const firstToken: number[] = [];
  // One start that is not counted fills the compile cache and the page cache, as any second start finds them.
  await measureStart();
  for (let run = 0; run < options.runs; run += 1) {
    const measured = await measureStart();
    health.push(measured.healthMs);
    idle.push(measured.idleMb);
    firstToken.push(measured.firstTokenMs);
  }
  const rows = [
    row("hearth serve → /health answers", "ms", health, 1000),
    row("idle memory of the hub", "MB", idle, 150),
    row("ember loaded and first token", "ms", firstToken, 200),
  ];
  const notes: string[] = [];
  if (options.install) rows.push(...measureInstall());
  else notes.push("`npm ci` is measured with --install");
  return { bench: "start", machine: describeMachine(), rows, notes };
}

function row(name: string, unit: string, samples: number[], limit: number): BenchRow {
  const value = median(samples);
  return {
    name,
    unit,
    values: { Hearth: value },
    samples: { Hearth: samples },
    target: `≤ ${limit}`,
    held: value <= limit,
  };
}

async function measureStart(): Promise<{ healthMs: number; idleMb: number; firstTokenMs: number }> {
  const home = mkdtempSync(join(tmpdir(), "hearth-bench-"));
  const started = performance.now();
  const hub = spawn(process.execPath, [launcher, "serve", "--port", "0", "--home", home, "--json"], {
    cwd: checkout,
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    const url = await firstLineUrl(hub);
    const client = new HearthClient({ url });
    await client.health();
    const healthMs = performance.now() - started;
    await emberIsThere(client);
    const idleMb = residentBytes(hub.pid ?? 0) / 1e6;
    const asked = performance.now();
    const first = await client
      .chat({ model: "ember", messages: [{ role: "user", content: "Hello" }], maxTokens: 4 })
      .next();
    if (first.done && first.value.text === "") throw new Error("ember answered with nothing");
    return { healthMs, idleMb, firstTokenMs: performance.now() - asked };
  } finally {
    await stop(hub);
    rmSync(home, { recursive: true, force: true });
  }
}

async function firstLineUrl(hub: ChildProcess): Promise<string> {
  if (!hub.stdout) throw new Error("the hub has no standard output");
  for await (const line of createInterface({ input: hub.stdout }))
    return (JSON.parse(line) as { url: string }).url;
  throw new Error("the hub ended before it answered");
}

async function emberIsThere(client: HearthClient): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await client.models.resolve("ember");
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

async function stop(hub: ChildProcess): Promise<void> {
  if (hub.exitCode !== null || hub.signalCode !== null) return;
  const exited = once(hub, "exit");
  hub.kill("SIGTERM");
  await exited;
}

/** `npm ci` of the project against the same dependencies without its overrides and pruning. */
function measureInstall(): BenchRow[] {
  const ours = install((folder) => {
    cpSync(join(checkout, "package-lock.json"), join(folder, "package-lock.json"));
    return ["ci"];
  }, {});
  const plain = install(
    (folder) => {
      const path = join(folder, "package.json");
      const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
      delete manifest["overrides"];
      writeFileSync(path, JSON.stringify(manifest));
      return ["install", "--no-package-lock"];
    },
    { HEARTH_KEEP_FOREIGN_BINARIES: "1" },
  );
  return [
    {
      name: "npm ci",
      unit: "s",
      values: { Hearth: ours.seconds, "plain dependencies": plain.seconds },
      samples: { Hearth: [ours.seconds], "plain dependencies": [plain.seconds] },
    },
    {
      name: "node_modules",
      unit: "MB",
      values: { Hearth: ours.megabytes, "plain dependencies": plain.megabytes },
      samples: { Hearth: [ours.megabytes], "plain dependencies": [plain.megabytes] },
      target: "≤ 0.5 × plain",
      held: ours.megabytes <= 0.5 * plain.megabytes,
    },
  ];
}

function install(
  prepare: (folder: string) => string[],
  environment: Record<string, string>,
): { seconds: number; megabytes: number } {
  const folder = mkdtempSync(join(tmpdir(), "hearth-install-"));
  try {
    for (const path of [
      "package.json",
      "packages/wire/package.json",
      "packages/sdk/package.json",
      "packages/hub/package.json",
      "packages/hub/bin",
      "infra",
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(checkout, path), join(folder, path), { recursive: true });
    }
    const args = prepare(folder);
    const started = performance.now();
    execFileSync("npm", [...args, "--no-audit", "--no-fund"], {
      cwd: folder,
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...environment },
    });
    const seconds = (performance.now() - started) / 1000;
    const [kilobytes] = execFileSync("du", ["-sk", "node_modules"], { cwd: folder, encoding: "utf8" }).split(
      "\t",
    );
    return { seconds, megabytes: (Number(kilobytes) * 1024) / 1e6 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
