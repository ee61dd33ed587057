import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { HearthClient } from "@hearth/sdk";

const checkout = fileURLToPath(new URL("../..", import.meta.url));
const launcher = join(checkout, "packages/hub/bin/hearth.js");

/** A hub of its own on a free port, stopped at the end. */
export class RunningHub implements AsyncDisposable {
  readonly url: URL;
  readonly client: HearthClient;
  readonly #process: ChildProcess;

  constructor(url: string, process: ChildProcess) {
    this.url = new URL(url);
    this.client = new HearthClient({ url });
    this.#process = process;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Resolves when the models that come with Hearth are registered. */
  async hasModels(): Promise<void> {
    while ((await this.client.models.list()).items.length === 0) await delay(50);
  }

  /** Registers a model file under a name. */
  async add(name: string, path: string): Promise<void> {
    await this.client.models.create({ name, task_type: "chat" });
    await this.client.models.importVersion(name, path);
  }

  /** `settings`: environment variables beside those that every measured hub has. */
  static async start(
    home: string,
    threads: number,
    settings: Record<string, string> = {},
  ): Promise<RunningHub> {
    const hub = spawn(process.execPath, [launcher, "serve", "--port", "0", "--home", home, "--json"], {
      cwd: checkout,
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        ...process.env,
        HEARTH_DATA_PATHS: checkout,
        HEARTH_BUNDLED_MODELS: "0",
        HEARTH_THREADS: String(threads),
        ...settings,
      },
    });
    for await (const line of createInterface({ input: hub.stdout })) {
      return new RunningHub((JSON.parse(line) as { url: string }).url, hub);
    }
    throw new Error("the hub ended before it answered");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await exited;
  }
}

/** How late the hub's event loop runs, p99 of the last one to two minutes, in ms. */
export async function eventLoopDelay(client: HearthClient): Promise<number> {
  const found = /^hearth_event_loop_delay_seconds\{quantile="0\.99"\} (\S+)$/m.exec(await client.metrics());
  if (found === null) throw new Error("the hub's metrics do not tell its event loop's delay");
  return Number(found[1]) * 1000;
}
