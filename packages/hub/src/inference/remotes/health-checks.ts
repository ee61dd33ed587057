import { blameOf } from "../engines/openai/failures.ts";
import { modelNames } from "../engines/openai/model-names.ts";
import type { RemoteServer } from "./remote-server.ts";

export interface HealthChecksOptions {
  servers: readonly RemoteServer[];
  now: () => number;
  /** Its abort ends all checks. */
  signal: AbortSignal;
  /** The state of a server may have changed. */
  onChange: () => void;
}

/** A list of models is asked for again after so long. */
const freshMs = 60_000;
/** Longest that somebody who wants a list waits for the first one. */
const firstListMs = 1_000;
/** A server that works and is used gets a check when it gave no answer for so long. */
const quietMs = 30_000;
/** A provider that nobody uses is left alone. */
const inUseMs = 300_000;
/** A sign of life is short; it need not come as quickly as a token. */
const checkMs = 5_000;

/**
 * Asks servers for their models, which tells whether they work: open ones when their breaker says so, quiet ones
 * that are in use from time to time, and all of them when somebody wants the list.
 */
export class HealthChecks {
  readonly #options: HealthChecksOptions;
  readonly #running = new Map<RemoteServer, Promise<Error | null>>();
  readonly #watched = new Map<RemoteServer, NodeJS.Timeout>();
  #lastWanted = -Infinity;

  constructor(options: HealthChecksOptions) {
    this.#options = options;
    const timer = setInterval(() => this.#checkQuiet(), quietMs).unref();
    options.signal.addEventListener(
      "abort",
      () => {
        clearInterval(timer);
        for (const watch of this.#watched.values()) clearTimeout(watch);
      },
      { once: true },
    );
  }

  /** Asks an open server for a sign of life when its time has come, and again until it gives one. */
  watch(server: RemoteServer): void {
    if (this.#options.signal.aborted || this.#watched.has(server)) return;
    const wait = Math.max(0, server.breaker.retryAt - this.#options.now());
    const timer = setTimeout(() => {
      this.#watched.delete(server);
      if (server.breaker.state !== "open") return;
      void this.#check(server).then(() => this.watchIfOpen(server));
    }, wait).unref();
    this.#watched.set(server, timer);
  }

  watchIfOpen(server: RemoteServer): void {
    if (server.breaker.state === "open") this.watch(server);
  }

  /** Brings the lists up to date; waits only, and not long, where there is none at all yet. */
  async refresh(): Promise<void> {
    const { servers, now } = this.#options;
    this.#lastWanted = now();
    const stale = servers.filter(
      (server) => server.breaker.state !== "open" && now() - server.listedAt > freshMs,
    );
    const checks = stale.map((server) => this.#check(server));
    if (checks.length === 0 || servers.some(({ models }) => models !== null)) return;
    const timeout = Promise.withResolvers<void>();
    const timer = setTimeout(timeout.resolve, firstListMs);
    await Promise.race([Promise.all(checks), timeout.promise]);
    clearTimeout(timer);
  }

  /** Asks a server now; gives what failed, or null. A server that answers without a list works, too. */
  check(server: RemoteServer, signal: AbortSignal): Promise<Error | null> {
    signal.throwIfAborted();
    return this.#check(server);
  }

  #check(server: RemoteServer): Promise<Error | null> {
    const running = this.#running.get(server);
    if (running !== undefined) return running;
    const check = this.#ask(server).finally(() => {
      this.#running.delete(server);
      if (!this.#options.signal.aborted) this.#options.onChange();
    });
    this.#running.set(server, check);
    return check;
  }

  async #ask(server: RemoteServer): Promise<Error | null> {
    const { signal, now } = this.#options;
    server.listedAt = now();
    try {
      const { address } = server;
      server.models = await modelNames(
        { ...address, timeoutMs: Math.min(checkMs, address.timeoutMs) },
        signal,
      );
      this.#alive(server);
      return null;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (signal.aborted) return failure;
      if (blameOf(error) !== "sick") {
        this.#alive(server);
        return null;
      }
      server.error = failure.message;
      server.breaker.noSignOfLife();
      this.watchIfOpen(server);
      return failure;
    }
  }

  #alive(server: RemoteServer): void {
    if (server.breaker.state === "closed") server.error = null;
    server.breaker.signOfLife();
  }

  #checkQuiet(): void {
    const { servers, now } = this.#options;
    for (const server of servers) {
      const inUse = now() - Math.max(server.lastUsed, this.#lastWanted) < inUseMs;
      const quiet = now() - Math.max(server.lastAnswer, server.listedAt) > quietMs;
      if (inUse && quiet && server.breaker.state !== "open") void this.#check(server);
    }
  }
}
