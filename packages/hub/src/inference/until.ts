import { RequestCancelled } from "./errors.ts";

/** Waits for something shared; giving up ends the wait only. */
export async function until<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw new RequestCancelled(signal.reason);
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new RequestCancelled(signal.reason));
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
