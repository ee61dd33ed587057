import { RequestCancelled } from "../../errors.ts";

/** Questions to another process that wait for their answer. */
export class PendingCalls<T> {
  readonly #calls = new Map<string, PromiseWithResolvers<T>>();
  #next = 0;

  get size(): number {
    return this.#calls.size;
  }

  /**
   * Asks and waits; `ask` gets the call's id. `gone` is called when nobody waits any more before the answer came.
   * Errors: RequestCancelled; what it is failed with.
   */
  async call(ask: (id: string) => void, signal: AbortSignal, gone?: (id: string) => void): Promise<T> {
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    const id = String(this.#next++);
    const waiting = Promise.withResolvers<T>();
    this.#calls.set(id, waiting);
    const abort = (): void => {
      waiting.reject(new RequestCancelled(signal.reason));
      gone?.(id);
    };
    signal.addEventListener("abort", abort, { once: true });
    ask(id);
    try {
      return await waiting.promise;
    } finally {
      this.#calls.delete(id);
      signal.removeEventListener("abort", abort);
    }
  }

  resolve(id: string, answer: T): void {
    this.#calls.get(id)?.resolve(answer);
  }

  reject(id: string, error: Error): void {
    this.#calls.get(id)?.reject(error);
  }

  rejectAll(error: Error): void {
    for (const waiting of this.#calls.values()) waiting.reject(error);
  }
}
