/** Checks of silence per timeout. */
const silenceTicks = 10;
/** A process that hangs uses no processor at all; one that shares a busy machine may get little. */
const busyShare = 0.05;
const busyPatience = 30;

export interface SilenceOptions {
  timeoutMs: number;
  /** Of the trainer, user and system; null: not known. */
  cpuSeconds: () => Promise<number | null>;
  /** It says nothing and computes. */
  onBusy: () => void;
  /** The machine, or this process, stood still for so long. */
  onSlept: (milliseconds: number) => void;
  /** ms by the clock on the wall, which goes on while a machine sleeps. */
  now?: () => number;
}

/**
 * Notices a trainer that stopped. It counts its own ticks, not the clock: after the machine
 * slept, the first tick finds hours gone by in which the trainer slept, too, and counting begins anew.
 * A step of a large model keeps the trainer from speaking for longer than the timeout; while it
 * computes, it is given `busyPatience` times as long.
 */
export class SilenceWatch implements Disposable {
  /** Fulfilled, once, with the milliseconds that nothing was heard for; rejected when the trainer cannot be read. */
  readonly lost: Promise<number>;
  readonly #options: SilenceOptions;
  readonly #resolve: (silentMs: number) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #tickMs: number;
  readonly #now: () => number;
  #silent = 0;
  #idle = 0;
  #cpuSeconds = 0;
  #tickedAt: number;

  constructor(options: SilenceOptions) {
    this.#options = options;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.lost = promise;
    this.#resolve = resolve;
    this.#now = options.now ?? Date.now;
    this.#tickedAt = this.#now();
    this.#tickMs = options.timeoutMs / silenceTicks;
    this.#timer = setInterval(() => void this.tick().catch(reject), this.#tickMs);
  }

  /** A sign of life. */
  reset(): void {
    this.#silent = 0;
    this.#idle = 0;
  }

  /** What the timer does. */
  async tick(): Promise<void> {
    const gap = this.#now() - this.#tickedAt - this.#tickMs;
    this.#tickedAt = this.#now();
    if (gap > this.#options.timeoutMs) {
      this.reset();
      this.#options.onSlept(gap);
      return;
    }
    const used = ((await this.#options.cpuSeconds()) ?? 0) - this.#cpuSeconds;
    this.#cpuSeconds += used;
    const busy = used * 1000 >= busyShare * this.#tickMs;
    this.#silent += 1;
    this.#idle = busy ? 0 : this.#idle + 1;
    if (busy) this.#options.onBusy();
    if (this.#idle > silenceTicks || this.#silent > silenceTicks * busyPatience)
      this.#resolve(this.#silent * this.#tickMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
