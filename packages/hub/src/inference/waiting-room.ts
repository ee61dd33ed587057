import { EngineBusy, RateLimited } from "./errors.ts";

export interface WaitingLimits {
  /** Requests that may wait in the whole hub. */
  inAll: number;
  /** Requests of one client that may wait in the whole hub. */
  perClient: number;
}

/**
 * Counts who waits for any model. A queue without an end is a slow refusal, and one client that
 * fills it refuses everybody else.
 */
export class WaitingRoom {
  readonly #limits: WaitingLimits;
  readonly #byClient = new Map<string, number>();
  #total = 0;

  constructor(limits: WaitingLimits) {
    this.#limits = limits;
  }

  get total(): number {
    return this.#total;
  }

  /**
   * Counts one more; call what it returns once when the wait is over.
   * Errors: RateLimited when the client has its share waiting, EngineBusy when everything is full.
   */
  enter(client: string, retryAfterSeconds: number): () => void {
    const { inAll, perClient } = this.#limits;
    const own = this.#byClient.get(client) ?? 0;
    if (own >= perClient) throw new RateLimited(own, perClient, retryAfterSeconds);
    if (this.#total >= inAll)
      throw new EngineBusy("models of this hub", this.#total, inAll, retryAfterSeconds);
    this.#total += 1;
    this.#byClient.set(client, own + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#total -= 1;
      const remaining = (this.#byClient.get(client) ?? 1) - 1;
      if (remaining === 0) this.#byClient.delete(client);
      else this.#byClient.set(client, remaining);
    };
  }
}
