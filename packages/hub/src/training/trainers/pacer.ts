/**
 * Keeps a trainer to a share of the time: after a step it rests as long as the share asks for. Only when steps are
 * computed depends on it, never what they give.
 */
export class Pacer {
  #share = 1;
  #wake: () => void = () => undefined;
  #follower: (share: number) => void = () => undefined;

  get share(): number {
    return this.#share;
  }

  /** The part of the time that may be computed in, from 0 (none) to 1; counts for a rest that has begun, too. */
  set share(share: number) {
    this.#share = Math.min(1, Math.max(0, share));
    this.#wake();
    this.#follower(this.#share);
  }

  /** Tells one who computes elsewhere the share, now and whenever it is set. */
  follow(tell: (share: number) => void): void {
    this.#follower = tell;
    tell(this.#share);
  }

  /** Waits after work of so many milliseconds, until the signal aborts at the latest. */
  async rest(milliseconds: number, signal: AbortSignal): Promise<void> {
    const begun = performance.now();
    while (this.#share < 1 && !signal.aborted) {
      const left = milliseconds * (1 / this.#share - 1) - (performance.now() - begun);
      if (left <= 0) return;
      await this.#changed(left, signal);
    }
  }

  /** Until the share changes, the time is over or the signal aborts. */
  async #changed(milliseconds: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    // Longer waits than a timer can hold end earlier, and the loop waits again.
    const timer = setTimeout(resolve, Math.min(milliseconds, 2 ** 31 - 1));
    const onAbort = (): void => resolve();
    signal.addEventListener("abort", onAbort);
    await promise;
    signal.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  }
}
