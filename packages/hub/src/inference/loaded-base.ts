import type { Admission } from "./admission.ts";
import type { Claim } from "./budget.ts";
import type { Engine, LoadedModel, LoadOptions } from "./engine.ts";

/** A timer cannot be set for longer. */
const longestTimerMs = 2 ** 31 - 1;

export interface LoadedBaseOptions {
  /** Checksum of the base; of an engine for a short purpose, a name of its own. */
  key: string;
  bytes: number;
  engine: Engine;
  admission: Admission;
  /** What it is loaded with. */
  load: LoadOptions;
  keepAliveMs: number;
  pinned: boolean;
  begin: () => Promise<LoadedModel>;
}

/** A base in memory, or on its way there, with its claim on the memory budget. */
export class LoadedBase implements Claim {
  readonly key: string;
  readonly bytes: number;
  readonly engine: Engine;
  readonly admission: Admission;
  readonly load: LoadOptions;
  /** Fulfilled when it can answer. */
  readonly ready: Promise<LoadedModel>;
  lastUsed = performance.now();
  loadedAt: Date | null = null;
  model: LoadedModel | null = null;
  /** Has it given a token? */
  answered = false;
  /** How long it stays loaded unused, as the last request said it. */
  keepAliveMs: number;
  /** Stays until somebody asks for its end. */
  pinned: boolean;
  /** When it will be unloaded if nobody uses it; null while it is used, or when nothing is set. */
  unloadsAt: Date | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor({ key, bytes, engine, admission, load, keepAliveMs, pinned, begin }: LoadedBaseOptions) {
    this.key = key;
    this.bytes = bytes;
    this.engine = engine;
    this.admission = admission;
    this.load = load;
    this.keepAliveMs = keepAliveMs;
    this.pinned = pinned;
    this.ready = begin().then((model) => {
      this.model = model;
      this.loadedAt = new Date();
      return model;
    });
    // Whoever waits for it hears of a failure; when nobody does any more, nobody needs to.
    this.ready.catch(() => undefined);
  }

  /** Loaded, and nobody is here. */
  get unused(): boolean {
    return this.model !== null && this.admission.total === 0;
  }

  /** May be given up for something else. */
  get idle(): boolean {
    return this.unused && !this.pinned;
  }

  /** Calls `unload` when nobody has used it for as long as it is kept. */
  restWhenUnused(unload: () => void): void {
    this.stopResting();
    if (!this.idle || this.keepAliveMs === Number.POSITIVE_INFINITY) return;
    this.unloadsAt = new Date(Date.now() + this.keepAliveMs);
    this.#rest(performance.now() + this.keepAliveMs, unload);
  }

  stopResting(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.unloadsAt = null;
  }

  #rest(end: number, unload: () => void): void {
    const left = end - performance.now();
    const longer = left > longestTimerMs;
    const next = longer ? () => this.#rest(end, unload) : unload;
    this.#timer = setTimeout(next, longer ? longestTimerMs : Math.max(0, left)).unref();
  }
}
