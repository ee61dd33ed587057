/**
 * Knows whether the clock has gone on evenly for the time of a lease. After this machine slept, or this process stood
 * still, the jobs of other hubs on it look silent, too: they are given that time to be heard again before one is taken.
 */
export class SteadyClock {
  readonly #leaseMs: number;
  readonly #now: () => number;
  #lookedAt: number | null = null;
  #steadySince = Number.NEGATIVE_INFINITY;

  constructor(leaseMs: number, now: () => number = Date.now) {
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  /** To be asked more often than once in the time of a lease. */
  isSteady(): boolean {
    const now = this.#now();
    if (this.#lookedAt !== null && now - this.#lookedAt > this.#leaseMs) this.#steadySince = now;
    this.#lookedAt = now;
    return now - this.#steadySince >= this.#leaseMs;
  }
}
