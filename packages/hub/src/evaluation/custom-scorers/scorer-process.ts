import { fileURLToPath } from "node:url";
import { createTurns } from "../../artifacts/fs/turns.ts";
import { HearthError } from "../../errors.ts";
import { describeExit, type ChildExit } from "../../process/exit.ts";
import { superviseChild, type SupervisedChild } from "../../process/supervisor.ts";
import type { ScorerOutcome } from "./custom-scorer.ts";
import { scorerEvent, type ScorerCommand, type ScorerEvent, type ScorerInput } from "./messages.ts";
import { outcomeOf } from "./outcome.ts";

export interface ScorerLimits {
  /** For a row, and for loading. */
  rowMs: number;
  memoryBytes: number;
  /** After so many ends of its process one behind the other, it is not started again. */
  ends: number;
}

export interface ScorerProcessOptions {
  /** The source that runs. */
  copy: string;
  /** Of the source; nothing else of the disk but the hub's own code may be read. */
  folder: string;
  logFile: string;
  recordsFolder: string;
  limits?: Partial<ScorerLimits>;
}

const defaultLimits: ScorerLimits = { rowMs: 10_000, memoryBytes: 512e6, ends: 3 };
const heapMegabytes = 256;
const readyMs = 30_000;
const hubSource = fileURLToPath(new URL("../../", import.meta.url));

interface Waiting {
  accepts: (event: ScorerEvent) => boolean;
  resolve: (event: ScorerEvent | ChildExit) => void;
}

/** The process of one scorer: asked one thing at a time, ended when it takes too long, started again for the next row. */
export class ScorerProcess implements AsyncDisposable {
  readonly #options: ScorerProcessOptions;
  readonly #limits: ScorerLimits;
  readonly #turns = createTurns();
  #child: SupervisedChild | null = null;
  #waiting: Waiting | null = null;
  #id = 0;
  /** Ends without a scored row in between. */
  #ends = 0;

  constructor(options: ScorerProcessOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options.limits };
  }

  /**
   * Loads the scorer; gives what it exports as its name.
   *
   * @throws HearthError `unavailable` with the reason
   */
  async load(): Promise<unknown> {
    const answer = await this.#ask(
      { type: "load", path: this.#options.copy },
      (event) => event.type === "loaded" || event.type === "refused",
    );
    if (typeof answer === "string") throw new HearthError("unavailable", answer);
    if (answer.type === "refused") throw new HearthError("unavailable", answer.reason);
    return answer.type === "loaded" ? answer.name : undefined;
  }

  /** @throws the signal's reason */
  score(name: string, input: ScorerInput, signal: AbortSignal): Promise<ScorerOutcome> {
    return this.#turns.run(async () => {
      signal.throwIfAborted();
      if (this.#ends >= this.#limits.ends)
        return {
          failure: `not asked any more: its process ended ${this.#ends} times, one row after the other`,
        };
      try {
        if (this.#child?.running !== true) await this.load();
      } catch (error) {
        this.#ends += 1;
        return { failure: error instanceof Error ? error.message : String(error) };
      }
      const id = ++this.#id;
      const stop = (): void => void this.#child?.kill();
      signal.addEventListener("abort", stop, { once: true });
      const answer = await this.#ask(
        { type: "score", id, input },
        (event) => (event.type === "scored" || event.type === "failed") && event.id === id,
      );
      signal.removeEventListener("abort", stop);
      signal.throwIfAborted();
      if (typeof answer === "string") {
        this.#ends += 1;
        return { failure: answer };
      }
      this.#ends = 0;
      if (answer.type === "failed") return { failure: answer.reason.slice(0, 1_000) };
      return outcomeOf(name, answer.type === "scored" ? answer.result : undefined);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // It keeps nothing: there is nothing to wait for.
    await this.#child?.kill();
  }

  /** Sends a command and waits for its answer; a text says why none came, and the process is gone by then. */
  async #ask(command: ScorerCommand, accepts: Waiting["accepts"]): Promise<ScorerEvent | string> {
    const { rowMs } = this.#limits;
    const child = this.#child?.running === true ? this.#child : this.#start();
    this.#child = child;
    try {
      await child.ready;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const { promise, resolve } = Promise.withResolvers<ScorerEvent | ChildExit>();
    this.#waiting = { accepts, resolve };
    const timer = setTimeout(
      () => void child.kill("stopped", `it took longer than ${rowMs / 1000} s`),
      rowMs,
    );
    // That it cannot be sent shows as the end of the child.
    child.send(command).catch(() => undefined);
    const answer = await Promise.race([promise, child.exited]);
    clearTimeout(timer);
    this.#waiting = null;
    return "lastLines" in answer ? describeExit("the scorer's process", answer) : answer;
  }

  #start(): SupervisedChild {
    const { folder, logFile, recordsFolder } = this.#options;
    return superviseChild({
      name: "scorer",
      module: new URL("./child.ts", import.meta.url),
      execArgv: [
        `--max-old-space-size=${heapMegabytes}`,
        "--permission",
        `--allow-fs-read=${hubSource}`,
        `--allow-fs-read=${folder}`,
      ],
      // What Windows cannot start a process without, and no more.
      inherits: ["SystemRoot"],
      memoryLimitBytes: this.#limits.memoryBytes,
      logFile,
      recordsFolder,
      readyTimeoutMs: readyMs,
      onMessage: (message) => {
        const event = scorerEvent.safeParse(message);
        if (event.success && this.#waiting?.accepts(event.data) === true) this.#waiting.resolve(event.data);
      },
    });
  }
}
