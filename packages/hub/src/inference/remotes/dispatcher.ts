import { HearthError } from "../../errors.ts";
import { RequestCancelled } from "../errors.ts";
import { FairQueue } from "./fair-queue.ts";
import type { RemoteServer } from "./remote-server.ts";

interface Waiting {
  excluded: ReadonlySet<RemoteServer>;
  given: PromiseWithResolvers<RemoteServer>;
}

export interface DispatcherOptions {
  provider: string;
  servers: readonly RemoteServer[];
  /** Requests that may wait. */
  maxWaiting: number;
  now: () => number;
}

/** Weight of the newest request in the running mean of durations. */
const newest = 0.2;
const longestRetrySeconds = 60;

/** Gives each request the least busy of the servers that work; who finds all of them full waits, fairly by client. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #queue = new FairQueue<Waiting>();
  #meanMs = 1_000;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * A server with a place for one request, which has to be given back by `release`.
   * Errors: `unavailable` when none works or too many wait, RequestCancelled.
   */
  async acquire(
    client: string,
    excluded: ReadonlySet<RemoteServer>,
    signal: AbortSignal,
  ): Promise<RemoteServer> {
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    const free = this.#leastBusy(excluded);
    if (free !== null) return this.#enter(free);
    if (!this.#someUsable(excluded)) throw this.unavailable();
    const { maxWaiting } = this.#options;
    if (this.waiting >= maxWaiting) throw this.#full();
    const waiting: Waiting = { excluded, given: Promise.withResolvers() };
    this.#queue.add(client, waiting);
    const abort = (): void => {
      if (this.#queue.take((item) => item === waiting) !== undefined)
        waiting.given.reject(new RequestCancelled(signal.reason));
    };
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await waiting.given.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  release(server: RemoteServer, milliseconds: number): void {
    server.active -= 1;
    this.#meanMs += newest * (milliseconds - this.#meanMs);
    this.wake();
  }

  /** Something changed: who can go goes, and who has no server left to wait for is told. */
  wake(): void {
    for (;;) {
      const next = this.#queue.take(({ excluded }) => this.#leastBusy(excluded) !== null);
      const server = next === undefined ? null : this.#leastBusy(next.excluded);
      if (next === undefined || server === null) break;
      next.given.resolve(this.#enter(server));
    }
    for (;;) {
      const lost = this.#queue.take(({ excluded }) => !this.#someUsable(excluded));
      if (lost === undefined) return;
      lost.given.reject(this.unavailable());
    }
  }

  /** What is wrong with each server, and when to come again. */
  unavailable(): HearthError {
    const { provider, servers, now } = this.#options;
    const soonest = Math.min(
      ...servers.map(({ breaker, restingUntil }) =>
        breaker.state === "open" ? Math.max(breaker.retryAt, restingUntil) : restingUntil,
      ),
    );
    const seconds = Math.min(longestRetrySeconds, Math.max(1, Math.ceil((soonest - now()) / 1000)));
    const known = servers.flatMap(({ error }) => error ?? []);
    return new HearthError(
      "unavailable",
      `No server of the provider ${provider} can answer now. ${known.join(" ")} It is tried again by itself; ask again in ${seconds} s.`.replace(
        "  ",
        " ",
      ),
      {
        details: { provider, urls: servers.map(({ address }) => address.url), retry_after_seconds: seconds },
      },
    );
  }

  #enter(server: RemoteServer): RemoteServer {
    server.active += 1;
    server.lastUsed = this.#options.now();
    server.breaker.begin();
    return server;
  }

  /** By the share of its places that is taken; of equals the one that was not used for longest. */
  #leastBusy(excluded: ReadonlySet<RemoteServer>): RemoteServer | null {
    const now = this.#options.now();
    let best: RemoteServer | null = null;
    for (const server of this.#options.servers) {
      if (excluded.has(server) || !server.free(now)) continue;
      if (best === null || busierThan(best, server)) best = server;
    }
    return best;
  }

  #someUsable(excluded: ReadonlySet<RemoteServer>): boolean {
    const now = this.#options.now();
    return this.#options.servers.some((server) => !excluded.has(server) && server.usable(now));
  }

  #full(): HearthError {
    const { provider, servers, maxWaiting } = this.#options;
    const places = servers.reduce((sum, { concurrency }) => sum + concurrency, 0);
    const mean = Math.ceil((this.#meanMs * this.waiting) / Math.max(1, places) / 1000);
    const seconds = Math.min(longestRetrySeconds, Math.max(1, mean));
    return new HearthError(
      "unavailable",
      `${this.waiting} requests wait for the provider ${provider} already, which is the limit (${maxWaiting}). Try again in ${seconds} s.`,
      { details: { provider, waiting: this.waiting, limit: maxWaiting, retry_after_seconds: seconds } },
    );
  }
}

function busierThan(one: RemoteServer, other: RemoteServer): boolean {
  const difference = one.active / one.concurrency - other.active / other.concurrency;
  return difference > 0 || (difference === 0 && one.lastUsed > other.lastUsed);
}
