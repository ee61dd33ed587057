import type { AdapterFile } from "../../engine.ts";
import type { LoadedLlama } from "./model.ts";
import type { SlotContext } from "./slot-context.ts";

/** A request waits for it. */
const storeMs = 500;

/** The contexts of one loaded model: the base's, and those of the adapters used last. */
export class Contexts {
  readonly #model: LoadedLlama;
  readonly #most: number;
  readonly #contexts = new Map<string | null, SlotContext>();

  /** `most`: adapters that may have a context at a time. */
  constructor(model: LoadedLlama, base: SlotContext, most: number) {
    this.#model = model;
    this.#most = Math.max(1, most);
    this.#contexts.set(null, base);
  }

  /** Adapters that are ready. */
  get adapters(): number {
    return this.#contexts.size - 1;
  }

  [Symbol.iterator](): Iterator<SlotContext> {
    return this.#contexts.values();
  }

  /**
   * The context of an adapter, made when needed; null when there are too many and all are busy.
   * Errors: ModelLoadFailed, ResourceExhausted.
   */
  async of(adapter: AdapterFile | null): Promise<SlotContext | null> {
    const known = this.#contexts.get(adapter?.sha256 ?? null);
    if (known !== undefined || adapter === null) return known ?? null;
    if (this.adapters >= this.#most) {
      const idle = [...this.#contexts.values()].filter((context) => context.adapter !== null && context.idle);
      const oldest = idle.toSorted((a, b) => a.lastUsed - b.lastUsed)[0];
      if (oldest === undefined) return null;
      this.#contexts.delete(oldest.adapter);
      await oldest.store(performance.now() + storeMs);
      await oldest[Symbol.asyncDispose]();
    }
    const made = await this.#model.createContext(adapter);
    this.#contexts.set(adapter.sha256, made);
    return made;
  }
}
