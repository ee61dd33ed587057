import { EngineBusy } from "./errors.ts";

/** Weight of the newest request in the running mean of durations. */
const newest = 0.2;
const longestRetrySeconds = 60;

/**
 * Who is with an engine and who waits for it: requests of one context (the base's or an
 * adapter's) beyond its slots wait. Bounded, because a queue without an end is a slow refusal.
 */
export class Admission {
  readonly #slots: number;
  readonly #maxWaiting: number;
  readonly #inContext = new Map<string | null, number>();
  #meanMs = 1_000;

  constructor(slots: number, maxWaiting: number) {
    this.#slots = slots;
    this.#maxWaiting = maxWaiting;
  }

  /** Requests under way, the waiting ones included. */
  get total(): number {
    let total = 0;
    for (const count of this.#inContext.values()) total += count;
    return total;
  }

  get waiting(): number {
    let waiting = 0;
    for (const count of this.#inContext.values()) waiting += Math.max(0, count - this.#slots);
    return waiting;
  }

  /**
   * Lets a request in; call what it returns once when the request is over.
   * Errors: EngineBusy when it would have to wait and too many wait already.
   */
  enter(context: string | null): () => void {
    const count = this.#inContext.get(context) ?? 0;
    const { waiting } = this;
    if (count >= this.#slots && waiting >= this.#maxWaiting) {
      const seconds = Math.ceil((this.#meanMs * waiting) / this.#slots / 1000);
      throw new EngineBusy(waiting, this.#maxWaiting, Math.min(longestRetrySeconds, Math.max(1, seconds)));
    }
    this.#inContext.set(context, count + 1);
    const since = performance.now();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#meanMs += newest * (performance.now() - since - this.#meanMs);
      const remaining = (this.#inContext.get(context) ?? 1) - 1;
      if (remaining === 0) this.#inContext.delete(context);
      else this.#inContext.set(context, remaining);
    };
  }
}
