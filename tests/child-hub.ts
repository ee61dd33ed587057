import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { HearthClient } from "@hearth/sdk";

const entry = fileURLToPath(new URL("../packages/hub/src/bin.ts", import.meta.url));

/** A hub in a process of its own, started as a person starts it; for tests that end it the hard way. */
export class ChildHub implements AsyncDisposable {
  readonly client: HearthClient;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, url: string) {
    this.child = child;
    this.client = new HearthClient({ url });
  }

  static async start(home: string): Promise<ChildHub> {
    const child = spawn(process.execPath, [entry, "serve", "--port", "0", "--home", home, "--json"], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"] ?? "",
        HOME: home,
        HEARTH_DATA_PATHS: home,
        HEARTH_SPARE_ENGINE: "0",
        HEARTH_BUNDLED_MODELS: "0",
        LOG_LEVEL: "silent",
      },
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { url } = JSON.parse(line) as { url: string };
      return new ChildHub(child, url);
    }
    throw new Error(`the hub ended with ${String(child.exitCode)} before it answered`);
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
