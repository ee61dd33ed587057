import { RequestCancelled, Timeout } from "../../errors.ts";

/** Signs of life without an event, such as comments while a long prompt is read, are enough for so many times the wait. */
const longestOnLifeSigns = 20;

/**
 * Ends what waits for a server when the caller gives up, or when nothing comes for too long. Time in which nobody
 * waits for the server, because the one who reads its answer is slow, does not count.
 */
export class Patience implements Disposable {
  readonly signal: AbortSignal;
  readonly #control = new AbortController();
  readonly #caller: AbortSignal;
  readonly #waitMs: number;
  readonly #who: string;
  readonly #abort = (): void => this.#control.abort(new RequestCancelled(this.#caller.reason));
  #timer: NodeJS.Timeout | null = null;
  /** Milliseconds that the server has left, from the time at which somebody waits for it. */
  #left: number;
  #since = performance.now();
  #onLifeSigns = 0;
  #hurried = false;

  constructor(caller: AbortSignal, waitMs: number, who: string) {
    this.#caller = caller;
    this.#waitMs = waitMs;
    this.#left = waitMs;
    this.#who = who;
    this.signal = this.#control.signal;
    if (caller.aborted) this.#abort();
    caller.addEventListener("abort", this.#abort, { once: true });
    this.wait();
  }

  /** From now on somebody waits for the server. */
  wait(): void {
    this.#clear();
    this.#since = performance.now();
    this.#timer = setTimeout(
      () => this.#control.abort(new Timeout(this.#waitMs, this.#who)),
      Math.max(0, this.#left),
    );
  }

  /** Bytes came: a sign of life, and nobody waits until the next `wait`. */
  came(): void {
    this.#clear();
    const waited = performance.now() - this.#since;
    this.#onLifeSigns += waited;
    this.#left = this.#hurried
      ? this.#left - waited
      : Math.min(this.#waitMs, this.#waitMs * longestOnLifeSigns - this.#onLifeSigns);
  }

  /** What came was part of an answer. */
  progress(): void {
    this.#onLifeSigns = 0;
    if (!this.#hurried) this.#left = this.#waitMs;
  }

  /** All the rest may only take this long, whatever comes. */
  hurry(milliseconds: number): void {
    this.#left = Math.min(milliseconds, this.#left);
    this.#hurried = true;
  }

  /** What ended the wait, in place of the error that this looked like to the one who waited. */
  reasonFor(error: unknown): unknown {
    return this.signal.aborted ? this.signal.reason : error;
  }

  [Symbol.dispose](): void {
    this.#clear();
    this.#caller.removeEventListener("abort", this.#abort);
  }

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
