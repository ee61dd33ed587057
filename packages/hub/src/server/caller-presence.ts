import type { ServerResponse } from "node:http";

/**
 * Signals that abort when a caller goes away, or when the hub stops for good. One plain controller a request:
 * the `Request`'s own signal and `AbortSignal.any` cost as much as the rest of a small request.
 */
export class CallerPresence {
  readonly #stopping: AbortSignal;
  readonly #present = new Set<AbortController>();

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
    stopping.addEventListener("abort", () => {
      for (const controller of this.#present) controller.abort(stopping.reason);
    });
  }

  /** Of the caller at the other end of a response: gone when it closes before it was written to its end. */
  of(outgoing: ServerResponse): AbortSignal {
    const controller = new AbortController();
    if (this.#stopping.aborted) {
      controller.abort(this.#stopping.reason);
      return controller.signal;
    }
    this.#present.add(controller);
    outgoing.once("close", () => {
      this.#present.delete(controller);
      if (!outgoing.writableFinished)
        controller.abort(new DOMException("The client went away.", "AbortError"));
    });
    return controller.signal;
  }

  /** Of a request without a connection, as in a test that calls the application itself. */
  ofRequest(request: Request): AbortSignal {
    return AbortSignal.any([request.signal, this.#stopping]);
  }
}
