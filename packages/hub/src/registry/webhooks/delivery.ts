import { setTimeout as pause } from "node:timers/promises";
import type { Announcement } from "./events.ts";
import { sendWebhook } from "./send.ts";

interface Target {
  id: string;
  url: string;
  secret: string | null;
}

interface Parcel {
  target: Target;
  announcement: Announcement;
}

export interface DeliveryOptions {
  /** The active webhooks that want to know. */
  targetsOf: (announcement: Announcement) => Promise<Target[]>;
  onFailed: (error: unknown, facts: { webhook: string | null; url: string | null; event: string }) => void;
  /** ms before each further attempt */
  pauses?: readonly number[];
}

/** Parcels that wait or are on their way; what comes beyond is dropped and told of. */
const capacity = 1000;
const atOnce = 4;
const retried = new Set([429, 500, 502, 503, 504]);

/** Carries what has happened to who wants to know it, after it was committed; nobody waits for that. */
export class WebhookDelivery implements AsyncDisposable {
  readonly #options: DeliveryOptions;
  readonly #pauses: readonly number[];
  readonly #waiting: Parcel[] = [];
  readonly #stopping = new AbortController();
  readonly #looking = new Set<Promise<void>>();
  readonly #carriers = new Set<Promise<void>>();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#pauses = options.pauses ?? [1000, 2000, 4000];
  }

  /** Never throws and never waits. */
  announce(announcement: Announcement): void {
    if (this.#stopping.signal.aborted) return;
    const looking = this.#take(announcement).finally(() => this.#looking.delete(looking));
    this.#looking.add(looking);
  }

  async #take(announcement: Announcement): Promise<void> {
    const event = `${announcement.entity}.${announcement.action}`;
    try {
      for (const target of await this.#options.targetsOf(announcement)) {
        if (this.#waiting.length >= capacity) throw new Error(`${capacity} webhooks are waiting already`);
        this.#waiting.push({ target, announcement });
      }
    } catch (error) {
      this.#options.onFailed(error, { webhook: null, url: null, event });
    }
    while (this.#carriers.size < Math.min(atOnce, this.#carriers.size + this.#waiting.length)) {
      const carrier = this.#carry().finally(() => this.#carriers.delete(carrier));
      this.#carriers.add(carrier);
    }
  }

  async #carry(): Promise<void> {
    for (let parcel = this.#waiting.shift(); parcel !== undefined; parcel = this.#waiting.shift()) {
      const { target, announcement } = parcel;
      try {
        await this.#deliver(target, announcement);
      } catch (error) {
        const event = `${announcement.entity}.${announcement.action}`;
        this.#options.onFailed(error, { webhook: target.id, url: target.url, event });
      }
    }
  }

  async #deliver(target: Target, announcement: Announcement): Promise<void> {
    const { signal } = this.#stopping;
    let failure: unknown;
    for (const wait of [0, ...this.#pauses]) {
      if (wait > 0) await pause(wait * (1 + Math.random() / 4), undefined, { signal });
      try {
        const { status } = await sendWebhook(target, announcement, announcement.payload, signal);
        if (status < 400) return;
        failure = new Error(`the webhook answered ${status}`);
        if (!retried.has(status)) break;
      } catch (error) {
        failure = error;
        if (signal.aborted) break;
      }
    }
    throw failure;
  }

  /** Ends what is on its way; what could not be delivered is lost. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error("the hub stops"));
    await Promise.allSettled(this.#looking);
    await Promise.allSettled(this.#carriers);
  }
}
