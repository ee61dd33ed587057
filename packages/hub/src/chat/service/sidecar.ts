import { setTimeout as delay } from "node:timers/promises";
import { describeExit } from "../../process/exit.ts";
import { superviseChild, type SupervisedChild } from "../../process/supervisor.ts";
import {
  fromSidecar,
  type ListenOptions,
  type SidecarSettings,
  type ToSidecar,
} from "../sidecar/messages.ts";
import { readText, SidecarConnections } from "./address.ts";
import { backoffMs } from "./backoff.ts";

const readyTimeoutMs = 30_000;
/** One that ran for so long was not broken from the start: its next failure is a first one again. */
const settledMs = 60_000;
const stopGraceMs = 5_000;
/**
 * What a sidecar needs of the hub's environment. All else stays here: a variable of any name may hold a provider's
 * key, and the AI SDK's packages read addresses from variables that nobody set for Hearth.
 */
const inherits =
  "PATH HOME LANG LC_ALL TZ TMPDIR TMP TEMP USERPROFILE SystemRoot HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy NODE_USE_ENV_PROXY NODE_EXTRA_CA_CERTS NODE_USE_SYSTEM_CA SSL_CERT_FILE SSL_CERT_DIR".split(
    " ",
  );

export interface SidecarOptions {
  name: string;
  listen: ListenOptions;
  settings: () => SidecarSettings;
  logFile: string;
  recordsFolder: string;
  pingEveryMs: number;
  pingTimeoutMs: number;
  /** Pings in a row that may go unanswered. */
  missedPings: number;
  onChange: () => void;
  onFailed: (facts: { error: string; retryInMs: number }) => void;
}

export type SidecarState = "starting" | "up" | "draining" | "down";

/** One sidecar that is kept running: started, looked after, started again when it ends. */
export class Sidecar implements AsyncDisposable {
  readonly #options: SidecarOptions;
  readonly #ended = new AbortController();
  readonly #pinged = new AbortController();
  #child: SupervisedChild | null = null;
  #connections: SidecarConnections | null = null;
  #state: SidecarState = "starting";
  #failures = 0;
  #starts = 0;
  #retryAt = 0;
  #error: string | null = null;
  readonly #life: Promise<void>;
  /** Turns that are on their way through it. */
  active = 0;

  constructor(options: SidecarOptions) {
    this.#options = options;
    this.#life = this.#live();
  }

  get state(): SidecarState {
    return this.#state;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** Why it is down. */
  get error(): string | null {
    return this.#error;
  }

  /** When it is tried again, as `Date.now()` counts; 0 unless it is down. */
  get retryAt(): number {
    return this.#retryAt;
  }

  /** The way to it; null while there is none. */
  get connections(): SidecarConnections | null {
    return this.#state === "up" ? this.#connections : null;
  }

  /** Tells it the settings in force, also one that is on its way up with earlier ones. */
  async configure(): Promise<void> {
    if (this.#state !== "draining")
      await this.#tell({ type: "configure", settings: this.#options.settings() });
  }

  /** Lets what runs end and ends it then; it takes nothing new from here on. */
  async drain(): Promise<void> {
    this.#set("draining");
    const child = this.#child;
    this.#ended.abort();
    // It accepts no connection any more, a ping's neither.
    this.#pinged.abort();
    if (child !== null) {
      await this.#tell({ type: "drain" });
      await child.exited;
    }
    await this.#life;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    await this.#child?.stop({ graceMs: stopGraceMs });
    await this.#life;
  }

  async #live(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const startedAt = Date.now();
      const error = await this.#run();
      if (this.#ended.signal.aborted) break;
      this.#failures = Date.now() - startedAt > settledMs ? 1 : this.#failures + 1;
      const retryInMs = backoffMs(this.#failures);
      this.#error = error;
      this.#retryAt = Date.now() + retryInMs;
      this.#set("down");
      this.#options.onFailed({ error, retryInMs });
      await delay(retryInMs, undefined, { signal: this.#ended.signal, ref: false }).catch(() => undefined);
      this.#retryAt = 0;
    }
  }

  /** From one start to its end; how it ended. */
  async #run(): Promise<string> {
    const { name, listen, settings, logFile, recordsFolder } = this.#options;
    this.#set("starting");
    this.#starts += 1;
    let connections: SidecarConnections | null = null;
    const child = superviseChild({
      name,
      module: new URL("../sidecar/main.ts", import.meta.url),
      args: [JSON.stringify(listen)],
      inherits,
      logFile,
      recordsFolder,
      readyTimeoutMs,
      onMessage: (message) => {
        connections = new SidecarConnections(fromSidecar.parse(message).address);
      },
    });
    this.#child = child;
    const pings = new AbortController();
    try {
      await child.send({ type: "configure", settings: settings() } satisfies ToSidecar);
      await child.ready;
      this.#connections = connections;
      this.#error = null;
      if (!this.#ended.signal.aborted) this.#set("up");
      void this.#ping(child, AbortSignal.any([pings.signal, this.#pinged.signal]));
      return describeExit(name, await child.exited);
    } catch (error) {
      await child.stop();
      return error instanceof Error ? error.message : String(error);
    } finally {
      pings.abort();
      this.#connections?.[Symbol.dispose]();
      this.#connections = null;
      this.#child = null;
    }
  }

  async #ping(child: SupervisedChild, signal: AbortSignal): Promise<void> {
    const { pingEveryMs, pingTimeoutMs, missedPings } = this.#options;
    for (let missed = 0; ;) {
      await delay(pingEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        const patience = AbortSignal.any([signal, AbortSignal.timeout(pingTimeoutMs)]);
        const answer = await this.#connections?.send("GET", "/health", null, patience);
        if (answer !== undefined) await readText(answer);
        missed = 0;
      } catch {
        if (signal.aborted) return;
        missed += 1;
      }
      if (missed >= missedPings) {
        await child.kill("failed", `it did not answer ${missed} pings`);
        return;
      }
    }
  }

  async #tell(message: ToSidecar): Promise<void> {
    // One that is gone is started anew, with what is in force then.
    await this.#child?.send(message).catch(() => undefined);
  }

  #set(state: SidecarState): void {
    this.#state = state;
    this.#options.onChange();
  }
}
