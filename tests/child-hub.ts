import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { HearthClient } from "@hearth/sdk";

const entry = fileURLToPath(new URL("../packages/hub/src/bin.ts", import.meta.url));

function spawnHub(home: string, env: Record<string, string>) {
  return spawn(process.execPath, [entry, "serve", "--port", "0", "--home", home, "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      HEARTH_DATA_PATHS: home,
      HEARTH_SPARE_ENGINE: "0",
      HEARTH_BUNDLED_MODELS: "0",
      LOG_LEVEL: "silent",
      ...env,
    },
  });
}

/** A hub in a process of its own, started as a person starts it; for tests that end it the hard way. */
export class ChildHub implements AsyncDisposable {
  readonly client: HearthClient;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.client = new HearthClient({ url });
  }

  static async start(home: string, env: Record<string, string> = {}): Promise<ChildHub> {
    const child = spawnHub(home, env);
    for await (const line of createInterface({ input: child.stdout })) {
      const { url } = JSON.parse(line) as { url: string };
      return new ChildHub(child, url);
    }
    throw new Error(`the hub ended with ${String(child.exitCode)} before it answered`);
  }

  /** A hub that is killed so many milliseconds after its process was started, whatever it does then. */
  static async killedInStart(home: string, afterMs: number, env: Record<string, string> = {}): Promise<void> {
    const child = spawnHub(home, env);
    const exited = once(child, "exit");
    child.stdout.resume();
    await Promise.race([exited, delay(afterMs)]);
    child.kill("SIGKILL");
    await exited;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("the hub has no process");
    return this.child.pid;
  }

  /** As a power failure does it: nothing is told, nothing is tidied. */
  async kill(): Promise<void> {
    const exited = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, "exit");
    this.child.kill("SIGTERM");
    await exited;
  }
}
