import { HearthError } from "../../errors.ts";

const windowMs = 60_000;
/** Clients that are remembered; beyond that those that asked longest ago are forgotten. */
const mostClients = 10_000;

/** At most so many turns a minute for each client, counted over the minute that is just past. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #now: () => number;
  /** Times of the turns of the last minute, by client; who asked last stands last. */
  readonly #turns = new Map<string, number[]>();

  /** 0: no limit. `now` must not go backwards. */
  constructor(perMinute: number, now: () => number = () => performance.now()) {
    this.#perMinute = perMinute;
    this.#now = now;
  }

  /** Counts a turn. Throws `rate_limited` with `retry_after_seconds`. */
  take(client: string): void {
    if (this.#perMinute === 0) return;
    const now = this.#now();
    const recent = (this.#turns.get(client) ?? []).filter((at) => at > now - windowMs);
    this.#turns.delete(client);
    this.#turns.set(client, recent);
    const [first] = recent;
    if (recent.length >= this.#perMinute && first !== undefined) {
      const seconds = Math.max(1, Math.ceil((first + windowMs - now) / 1000));
      throw new HearthError(
        "rate_limited",
        `You have asked ${recent.length} times in the last minute, and ${this.#perMinute} are allowed (HEARTH_CHAT_RATE_LIMIT). Try again in ${seconds} s.`,
        { details: { limit: this.#perMinute, retry_after_seconds: seconds } },
      );
    }
    recent.push(now);
    if (this.#turns.size > mostClients) {
      const [oldest] = this.#turns.keys();
      if (oldest !== undefined) this.#turns.delete(oldest);
    }
  }
}
