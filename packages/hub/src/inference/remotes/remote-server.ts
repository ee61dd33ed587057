import type { ServerAddress } from "../engines/openai/server.ts";
import { Breaker } from "./breaker.ts";

/** One server of a provider, and what is known of it. */
export class RemoteServer {
  readonly address: ServerAddress;
  readonly concurrency: number;
  readonly breaker: Breaker;
  /** Requests under way. */
  active = 0;
  /** It said that it has too much to do, until then. */
  restingUntil = 0;
  lastUsed = 0;
  lastAnswer = -Infinity;
  /** The models that it listed last; null: never. */
  models: readonly string[] | null = null;
  listedAt = -Infinity;
  /** In words, of the last failure; null after a success. */
  error: string | null = null;
  /** Since the start. */
  readonly counts = { ok: 0, failed: 0, busy: 0, refused: 0, cancelled: 0 };

  constructor(address: ServerAddress, concurrency: number, now: () => number) {
    this.address = address;
    this.concurrency = concurrency;
    this.breaker = new Breaker(now);
  }

  /** May a request go to it, now or when one of its own has ended? */
  usable(now: number): boolean {
    return this.breaker.state !== "open" && this.restingUntil <= now;
  }

  /** Is there a place for a request now? */
  free(now: number): boolean {
    return this.usable(now) && this.breaker.allows && this.active < this.concurrency;
  }
}
