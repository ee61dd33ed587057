import { randomBytes } from "node:crypto";
import type { LiveNotice, LiveTopic } from "@hearth/wire/hub/live";
import type { FeedEvent, Live } from "../../api/services.ts";
import { HearthError } from "../../errors.ts";

interface Kept {
  sequence: number;
  notice: LiveNotice;
}

interface Listener {
  waiting: FeedEvent[];
  wake: () => void;
}

/** What a listener may be behind by; beyond it, asking for everything again is cheaper than telling it. */
const queueLimit = 256;
/** More things than this of one topic in one moment: the topic alone is told. */
const namedLimit = 64;

export interface LiveFeedOptions {
  /** The same notice within this time is told once, in ms. */
  coalesceMs?: number;
  /** Notices that can be resumed from. */
  ring?: number;
  listeners?: number;
  /** How often `machine` is told while somebody listens, in ms. */
  machineMs?: number;
}

/** What changed in this hub, told to everybody who looks. Announcing costs next to nothing. */
export class LiveFeed implements Live, Disposable {
  /** Another one after every start: sequences of an earlier hub mean nothing here. */
  readonly #epoch = randomBytes(6).toString("hex");
  readonly #options: Required<LiveFeedOptions>;
  readonly #listeners = new Set<Listener>();
  readonly #pending = new Map<LiveTopic, Set<string | null>>();
  #ring: Kept[] = [];
  #sequence = 0;
  #flush: NodeJS.Timeout | undefined;
  #machine: NodeJS.Timeout | undefined;

  constructor({ coalesceMs = 250, ring = 1_000, listeners = 64, machineMs = 2_000 }: LiveFeedOptions = {}) {
    this.#options = { coalesceMs, ring, listeners, machineMs };
  }

  announce(topic: LiveTopic, id: string | null = null): void {
    const ids = this.#pending.get(topic) ?? new Set();
    // The topic alone says as much as all its ids.
    if (id === null || ids.size >= namedLimit) this.#pending.set(topic, new Set([null]));
    else if (!ids.has(null)) this.#pending.set(topic, ids.add(id));
    this.#flush ??= setTimeout(() => this.#tell(), this.#options.coalesceMs).unref();
  }

  /**
   * What happens from now on, or from `lastEventId` on. Ends with the signal.
   *
   * @throws HearthError `unavailable` when too many listen already
   */
  follow(lastEventId: string | null, signal: AbortSignal): AsyncGenerator<FeedEvent, void, void> {
    if (this.#listeners.size >= this.#options.listeners) {
      throw new HearthError(
        "unavailable",
        `${this.#options.listeners} listeners follow this hub already; close a page or ask again from time to time.`,
      );
    }
    const listener: Listener = { waiting: this.#since(lastEventId), wake: () => undefined };
    this.#listeners.add(listener);
    this.#machine ??= setInterval(() => this.#tick(), this.#options.machineMs).unref();
    return this.#events(listener, signal);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#flush);
    clearInterval(this.#machine);
  }

  async *#events(listener: Listener, signal: AbortSignal): AsyncGenerator<FeedEvent, void, void> {
    const onAbort = (): void => {
      this.#leave(listener);
      listener.wake();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      while (!signal.aborted) {
        const event = listener.waiting.shift();
        if (event === undefined) await new Promise<void>((resolve) => (listener.wake = resolve));
        else yield event;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#leave(listener);
    }
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return;
    clearInterval(this.#machine);
    this.#machine = undefined;
  }

  /** What somebody has to hear first who had heard everything up to this id. */
  #since(lastEventId: string | null): FeedEvent[] {
    const ready: FeedEvent = { id: this.#id(this.#sequence), event: { type: "ready" } };
    if (lastEventId === null) return [ready];
    const [epoch, digits = ""] = lastEventId.split("-");
    const sequence = /^\d{1,15}$/.test(digits) ? Number(digits) : -1;
    const oldest = this.#sequence - this.#ring.length;
    const missed = this.#ring.slice(Math.max(0, sequence - oldest));
    const known = epoch === this.#epoch && sequence >= oldest && sequence <= this.#sequence;
    // More than a listener may be behind by would be thrown away with the next notice.
    if (!known || missed.length > queueLimit) return [this.#reset()];
    return [{ id: lastEventId, event: { type: "ready" } }, ...missed.map((kept) => this.#change(kept))];
  }

  #tell(): void {
    this.#flush = undefined;
    for (const [topic, ids] of this.#pending) {
      for (const id of ids) this.#keep(id === null ? { topic } : { topic, id });
    }
    this.#pending.clear();
    this.#ring = this.#ring.slice(-this.#options.ring);
  }

  #keep(notice: LiveNotice): void {
    const kept = { sequence: ++this.#sequence, notice };
    this.#ring.push(kept);
    const event = this.#change(kept);
    for (const listener of this.#listeners) this.#push(listener, event);
  }

  /** Readings change all the time: there is nothing of them to be resumed. */
  #tick(): void {
    for (const listener of this.#listeners) {
      if (listener.waiting.length < queueLimit)
        this.#push(listener, { id: null, event: { type: "change", topic: "machine" } });
    }
  }

  #push(listener: Listener, event: FeedEvent): void {
    listener.waiting.push(event);
    if (listener.waiting.length > queueLimit) listener.waiting = [this.#reset()];
    listener.wake();
  }

  #change({ sequence, notice }: Kept): FeedEvent {
    return { id: this.#id(sequence), event: { type: "change", ...notice } };
  }

  #reset(): FeedEvent {
    return { id: this.#id(this.#sequence), event: { type: "reset" } };
  }

  #id(sequence: number): string {
    return `${this.#epoch}-${sequence}`;
  }
}
