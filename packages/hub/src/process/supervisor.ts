import type { ChildProcess, Serializable } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { ChildProcessError } from "./exit.ts";
import type { ChildExit, ExitReason } from "./exit.ts";
import { LogCapture } from "./log-capture.ts";
import { forgetProcess, recordProcess } from "./orphans.ts";
import { readProcess } from "./readings.ts";
import type { ProcessReading } from "./readings.ts";
import { signalGroup } from "./signals.ts";
import { startChild } from "./start-child.ts";
import type { Channel, ChildSource } from "./start-child.ts";

export type ChildOptions = ChildSource & SupervisionOptions;

export interface SupervisionOptions {
  /** For messages and file names: `trainer`, `engine ember`. */
  name: string;
  args?: readonly string[];
  /** Added to what the hub's own environment gives without its secrets. */
  env?: Record<string, string>;
  /** The names that it gets of the hub's own environment; default: all but the secrets. */
  inherits?: readonly string[];
  /** Memory of its own (mapped files not counted) beyond which it is killed. */
  memoryLimitBytes?: number;
  /** Its standard output and error go here. */
  logFile: string;
  logLimitBytes?: number;
  /** Where running children are written down, so that a hub that was killed finds them again. */
  recordsFolder?: string;
  /** Time from the start to the first message `{ type: "ready" }`. */
  readyTimeoutMs: number;
  /** Every message, the first `ready` included, as it came: parse it. */
  onMessage: (message: unknown) => void;
  /** Once, after the last message and the last line of output. */
  onExit?: (exit: ChildExit) => void;
}

export interface StopOptions {
  /** Asks for the end in the child's own words; without it the first step is SIGTERM. */
  message?: Serializable;
  /** How long the message, then SIGTERM, may take before the next step. */
  graceMs?: number;
}

const keepLines = 60;
const memoryCheckMs = 1_000;
/** Output and messages that are still in the pipes when the process is gone. */
const drainMs = 2_000;

/**
 * Starts a module or a program in a process of its own and looks after it: readiness, output, memory
 * limit, messages, end. The process leads a group that is always ended as a whole, and
 * ends by itself when this process does.
 */
export function superviseChild(options: ChildOptions): SupervisedChild {
  return new SupervisedChild(options);
}

export class SupervisedChild implements AsyncDisposable {
  /** Fulfilled by the `ready` message; rejected with a ChildProcessError when the child ends before it. */
  readonly ready: Promise<void>;
  /** Fulfilled when the child and its whole group are gone and its output is read. */
  readonly exited: Promise<ChildExit>;
  readonly #options: ChildOptions;
  readonly #child: ChildProcess;
  readonly #channel: Channel;
  readonly #log: LogCapture;
  #forced: { reason: ExitReason; note: string | null } | null = null;
  #ended = false;
  #exit: ChildExit | null = null;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#log = new LogCapture(options.logFile, options.logLimitBytes ?? 5_000_000, keepLines);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    // Callers that only wait for the end need not handle this one as well.
    promise.catch(() => undefined);
    const { child, channel } = startChild(options, (message) => {
      if (isReady(message)) resolve();
      options.onMessage(message);
    });
    this.#child = child;
    this.#channel = channel;
    this.exited = this.#untilExit().then((exit) => {
      this.#exit = exit;
      reject(new ChildProcessError(options.name, exit));
      options.onExit?.(exit);
      return exit;
    });
    this.#limitStart();
    this.#limitMemory();
  }

  get pid(): number | null {
    return this.#child.pid ?? null;
  }

  get running(): boolean {
    return this.#exit === null;
  }

  get lastLines(): string[] {
    return this.#log.lastLines;
  }

  /** Sends a message. Throws ChildProcessError when the child is gone. */
  async send(message: Serializable): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (this.#channel.connected)
      this.#channel.send(message, (error) => (error === null ? resolve() : reject(error)));
    else reject(new Error("the channel is closed"));
    try {
      await promise;
    } catch (error) {
      const exit = await Promise.race([this.exited, delay(drainMs, null, { ref: false })]);
      throw new ChildProcessError(
        this.#options.name,
        exit ?? this.#describe("failed", null, null, String(error)),
      );
    }
  }

  /** Memory and CPU time, null once it is gone. */
  readings(): Promise<ProcessReading | null> {
    return this.running && this.#child.pid !== undefined
      ? readProcess(this.#child.pid)
      : Promise.resolve(null);
  }

  /** Message, then SIGTERM, then SIGKILL to the whole group, each with its deadline. Safe to call twice. */
  async stop(options: StopOptions = {}): Promise<ChildExit> {
    const graceMs = options.graceMs ?? 2_000;
    this.#forced ??= { reason: "stopped", note: null };
    if (options.message !== undefined && this.#channel.connected) {
      // A failure shows as the end of the child, which is what is awaited here.
      this.#channel.send(options.message, () => undefined);
      if (await this.#endsWithin(graceMs)) return this.exited;
    }
    this.#signal("SIGTERM");
    if (await this.#endsWithin(graceMs)) return this.exited;
    return this.kill();
  }

  /** SIGKILL to the whole group. */
  kill(reason: ExitReason = "stopped", note: string | null = null): Promise<ChildExit> {
    this.#forced ??= { reason, note };
    this.#signal("SIGKILL");
    return this.exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#ended && this.#child.pid !== undefined) signalGroup(this.#child.pid, signal);
  }

  async #endsWithin(ms: number): Promise<boolean> {
    const timer = new AbortController();
    try {
      return await Promise.race([this.exited.then(() => true), delay(ms, false, { signal: timer.signal })]);
    } finally {
      timer.abort();
    }
  }

  async #untilExit(): Promise<ChildExit> {
    const child = this.#child;
    const { pid } = child;
    const { recordsFolder, name } = this.#options;
    // Listeners first: nothing may be awaited before they are in place.
    const ended = endOf(child);
    const closed = new Promise((resolve) => child.once("close", resolve));
    const output = [child.stdout, child.stderr]
      .filter((stream) => stream !== null)
      .map((stream) => this.#log.follow(stream));
    if (pid === undefined) return this.#describe("not_started", null, null, (await ended).error);
    if (recordsFolder !== undefined) {
      // A child that could not be found again after a crash of this process is not let run.
      await recordProcess(recordsFolder, name, pid).catch((error: unknown) => {
        void this.kill("not_started", `it cannot be recorded: ${String(error)}`);
      });
    }
    const { code, signal } = await ended;
    // What the child itself started must not stay behind; from here on the pid may belong to a stranger.
    if (process.platform !== "win32") signalGroup(pid, "SIGKILL");
    this.#ended = true;
    await Promise.race([Promise.allSettled([closed, ...output]), delay(drainMs, null, { ref: false })]);
    if (recordsFolder !== undefined) await forgetProcess(recordsFolder, pid);
    const own: ExitReason = signal !== null ? "crashed" : code === 0 ? "finished" : "failed";
    return this.#describe(this.#forced?.reason ?? own, code, signal, this.#forced?.note ?? null);
  }

  #describe(
    reason: ExitReason,
    code: number | null,
    signal: NodeJS.Signals | null,
    note: string | null,
  ): ChildExit {
    return { reason, code, signal, lastLines: this.#log.lastLines, note };
  }

  #limitStart(): void {
    const { readyTimeoutMs } = this.#options;
    const timer = setTimeout(
      () => void this.kill("not_ready", `waited ${readyTimeoutMs} ms`),
      readyTimeoutMs,
    );
    const stop = (): void => clearTimeout(timer);
    this.ready.then(stop, stop);
  }

  #limitMemory(): void {
    const limit = this.#options.memoryLimitBytes;
    if (limit === undefined) return;
    const timer = setInterval(() => {
      this.readings().then(
        (reading) => {
          if (reading !== null && reading.privateBytes > limit) {
            void this.kill("memory", `holds ${reading.privateBytes} bytes, the limit is ${limit}`);
          }
        },
        (error: unknown) =>
          process.emitWarning(`the memory of ${this.#options.name} cannot be read: ${String(error)}`),
      );
    }, memoryCheckMs).unref();
    void this.exited.then(() => clearInterval(timer));
  }
}

function isReady(message: unknown): boolean {
  return typeof message === "object" && message !== null && "type" in message && message.type === "ready";
}

interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
  error: string | null;
}

/** The end of the process, or the error that kept it from starting. */
function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal, error: null }));
    child.on("error", (error) => {
      // Later errors are of single messages and reach their sender.
      if (child.pid === undefined) resolve({ code: null, signal: null, error: error.message });
    });
  });
}
