import { RequestCancelled } from "../../errors.ts";

interface Waiting {
  key: string | null;
  enter: () => void;
}

/**
 * The server holds one adapter at a time and reads everything anew for another. Requests for the one that is
 * there go in together; one for another waits until those have left, and nobody overtakes it.
 */
export class AdapterTurns {
  #current: string | null = null;
  #inside = 0;
  readonly #waiting: Waiting[] = [];

  /** The adapter that was used last; null is the base alone. */
  get current(): string | null {
    return this.#current;
  }

  /** Fulfilled when a request for this adapter may go to the server; call the result when it has ended. Errors: RequestCancelled. */
  async enter(key: string | null, signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) throw new RequestCancelled(signal.reason);
    const turn = Promise.withResolvers<void>();
    const waiting: Waiting = { key, enter: () => turn.resolve() };
    const leaveQueue = (): void => {
      const place = this.#waiting.indexOf(waiting);
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      turn.reject(new RequestCancelled(signal.reason));
      this.#admit();
    };
    this.#waiting.push(waiting);
    signal.addEventListener("abort", leaveQueue, { once: true });
    this.#admit();
    try {
      await turn.promise;
    } finally {
      signal.removeEventListener("abort", leaveQueue);
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#inside -= 1;
      this.#admit();
    };
  }

  #admit(): void {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || (this.#inside > 0 && first.key !== this.#current)) return;
      this.#waiting.shift();
      this.#current = first.key;
      this.#inside += 1;
      first.enter();
    }
  }
}
