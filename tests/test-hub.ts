import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HearthClient } from "@hearth/sdk";
import { makeRandomModel } from "../bench/models/random-model.ts";
import { loadConfig } from "../packages/hub/src/config/load.ts";
import { startServer, type RunningServer } from "../packages/hub/src/server/server.ts";

export interface TestHubOptions {
  /** Settings beside those of every test hub. */
  env?: Record<string, string>;
  /** The home of an earlier hub; it is kept when this one is disposed of. */
  home?: string;
  /** Where log lines go; default nowhere. */
  logStream?: NodeJS.WritableStream;
  /** In this time a request's body has to be there. */
  arrivalMs?: number;
}

/** A real hub on a real port with a folder of its own; disposing stops it and removes the folder. */
export class TestHub implements AsyncDisposable {
  readonly home: string;
  readonly client: HearthClient;
  private readonly server: RunningServer;
  private readonly keepHome: boolean;

  private constructor(server: RunningServer, home: string, keepHome: boolean, apiKey: string | undefined) {
    this.server = server;
    this.home = home;
    this.keepHome = keepHome;
    this.client = new HearthClient({ url: server.url, ...(apiKey === undefined ? {} : { apiKey }) });
  }

  static async start(options: TestHubOptions = {}): Promise<TestHub> {
    const home = options.home ?? (await mkdtemp(join(tmpdir(), "hearth-test-")));
    const environment = {
      HOME: home,
      HEARTH_HOME: home,
      HEARTH_PORT: "0",
      HEARTH_DATA_PATHS: home,
      HEARTH_SPARE_ENGINE: "0",
      HEARTH_BUNDLED_MODELS: "0",
      ...options.env,
    };
    try {
      const server = await startServer(loadConfig({}, environment), {
        logStream: options.logStream ?? null,
        ...(options.arrivalMs === undefined ? {} : { arrivalMs: options.arrivalMs }),
      });
      return new TestHub(server, home, options.home !== undefined, options.env?.["HEARTH_API_KEY"]);
    } catch (error) {
      if (options.home === undefined) await rm(home, { recursive: true });
      throw error;
    }
  }

  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return this.server.port;
  }

  /** Fulfilled when the hub has stopped by itself. */
  get closed(): Promise<void> {
    return this.server.closed;
  }

  /** Registers a small model of random weights as `name` version 1; returns the file's path. */
  async addTinyModel(name = "tiny", seed = 1): Promise<string> {
    const path = join(this.home, `${name}-${seed}.gguf`);
    await makeRandomModel(path, { preset: "tiny", type: "F16", seed });
    await this.client.models.create({ name, task_type: "chat", path });
    return path;
  }

  /** One request as any HTTP client sends it. */
  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  /** A JSON POST as any HTTP client sends it. */
  post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return this.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
  }

  async stop(): Promise<void> {
    await this.server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
    if (!this.keepHome) await rm(this.home, { recursive: true });
  }
}

/** The process of the only loaded engine. */
export async function enginePid(hub: TestHub): Promise<number> {
  const { engines } = await hub.client.health();
  const pid = engines[0]?.pid ?? 0;
  // Signals to 0 or below go to whole groups of processes.
  if (engines.length !== 1 || pid <= 1) throw new Error(`one engine was expected, found ${engines.length}`);
  return pid;
}
