import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface DemoHub {
  readonly url: string;
  readonly logFile: string;
  stop(options: { removeHome: boolean }): Promise<void>;
}

const launcher = fileURLToPath(new URL("../../packages/hub/bin/hearth.js", import.meta.url));
const checkout = fileURLToPath(new URL("../..", import.meta.url));

/** Starts `hearth serve` on a free port with a fresh folder, and waits for its first line. */
export async function startDemoHub(signal: AbortSignal): Promise<DemoHub> {
  const home = await mkdtemp(join(tmpdir(), "hearth-demo-"));
  const child = spawn(process.execPath, [launcher, "serve", "--port", "0", "--home", home, "--json"], {
    cwd: checkout,
    env: { ...process.env, LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own: Ctrl-C reaches the demo, which then stops the hub in order.
    detached: true,
  });
  const lastWords = keepLastWords(child);
  const stop = async ({ removeHome }: { removeHome: boolean }) => {
    await stopChild(child);
    if (removeHome) await rm(home, { recursive: true, force: true });
  };
  try {
    const url = await firstLine(child, signal);
    return { url, logFile: join(home, "logs", "hub.log"), stop };
  } catch (error) {
    await stop({ removeHome: true });
    throw new Error(`the hub did not start: ${lastWords() || String(error)}`, { cause: error });
  }
}

async function firstLine(child: ChildProcess, signal: AbortSignal): Promise<string> {
  if (!child.stdout) throw new Error("the hub has no standard output");
  for await (const line of createInterface({ input: child.stdout, signal })) {
    const { url } = JSON.parse(line) as { url: string };
    return url;
  }
  throw new Error("it ended before it said its address");
}

function keepLastWords(child: ChildProcess): () => string {
  const lines: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    lines.push(...text.split("\n").filter((line) => line !== ""));
    lines.splice(0, Math.max(0, lines.length - 5));
  });
  return () => lines.join("\n");
}

const PATIENCE_MS = 20_000;

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const impatience = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await exited;
  clearTimeout(impatience);
}
