import { TrackingError } from "./errors.ts";

const firstDelayMs = 100;
const longestDelayMs = 10_000;

/** Answers that another try may change; everything else would be refused again. */
const transient = new Set([408, 429, 500, 502, 503, 504]);

/** A refusal that carries how long the server asked to be left alone. */
export class BusyError extends TrackingError {
  /** Milliseconds; null when the server named none. */
  readonly retryAfterMs: number | null;

  constructor(refusal: TrackingError, retryAfterMs: number | null) {
    super(refusal.status, refusal.code, refusal.message);
    this.retryAfterMs = retryAfterMs;
  }
}

export function isTransient(status: number): boolean {
  return transient.has(status);
}

/**
 * The wait before try `attempt` (1 is the first repetition), in milliseconds: doubling from 100 ms
 * to 10 s with the upper half spread evenly, so that clients that failed together do not return together.
 * @param spread from 0 to 1
 */
export function backoffMs(attempt: number, spread: number): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 20));
  return full / 2 + (full / 2) * spread;
}

/** Waits; an aborted signal ends the wait with its reason. Does not keep a Node process alive if `idle`. */
export function pause(ms: number, signal: AbortSignal | undefined, idle = false): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new DOMException("aborted", "AbortError"));
    };
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (idle) unref(timer);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Lets a Node process end before the timer; a browser's timer is a number and needs nothing. */
export function unref(timer: unknown): void {
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") {
    timer.unref();
  }
}
