import type { Admission } from "./admission.ts";
import type { Claim } from "./budget.ts";
import type { Engine, LoadedModel } from "./engine.ts";

/** A base in memory, or on its way there, with its claim on the memory budget. */
export class LoadedBase implements Claim {
  /** Checksum of the base; of an engine for a short purpose, a name of its own. */
  readonly key: string;
  readonly bytes: number;
  readonly engine: Engine;
  readonly admission: Admission;
  /** Fulfilled when it can answer. */
  readonly ready: Promise<LoadedModel>;
  lastUsed = performance.now();
  loadedAt: Date | null = null;
  model: LoadedModel | null = null;
  /** Has it given a token? */
  answered = false;
  #idleTimer: NodeJS.Timeout | null = null;

  constructor(
    key: string,
    bytes: number,
    engine: Engine,
    admission: Admission,
    load: () => Promise<LoadedModel>,
  ) {
    this.key = key;
    this.bytes = bytes;
    this.engine = engine;
    this.admission = admission;
    this.ready = load().then((model) => {
      this.model = model;
      this.loadedAt = new Date();
      return model;
    });
    // Whoever waits for it hears of a failure; when nobody does any more, nobody needs to.
    this.ready.catch(() => undefined);
  }

  get idle(): boolean {
    return this.model !== null && this.admission.total === 0;
  }

  /** Calls `unload` when nobody has used it for this long. */
  restWhenUnused(keepAliveMs: number, unload: () => void): void {
    this.stopResting();
    if (!this.idle) return;
    this.#idleTimer = setTimeout(unload, keepAliveMs).unref();
  }

  stopResting(): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#idleTimer = null;
  }
}
