import type { RunningRequest } from "@hearth/wire/hub/serving";
import { HearthError } from "../errors.ts";

interface Running {
  request: RunningRequest;
  stop: AbortController;
}

/** One request's entry, from its beginning to its end. */
export interface RunningEntry {
  /** Aborts when the request's own signal does, or when somebody cancels it here. */
  readonly signal: AbortSignal;
  tokens(count: number): void;
  end(): void;
  /** What the client should see: that somebody cancelled it, when that is why it failed. */
  reason(error: unknown): unknown;
}

/** What is being answered right now, and the way to stop it. */
export class RunningRequests {
  readonly #running = new Map<string, Running>();
  readonly #onChange: () => void;

  constructor(onChange: () => void = () => undefined) {
    this.#onChange = onChange;
  }

  list(): RunningRequest[] {
    return [...this.#running.values()].map(({ request }) => ({ ...request }));
  }

  /** Throws `not_found` when it has ended already, or never was. */
  cancel(traceId: string): void {
    const running = this.#running.get(traceId);
    if (running === undefined) {
      throw new HearthError("not_found", `No request ${traceId} is being answered; it may have ended.`, {
        details: { trace_id: traceId },
      });
    }
    running.stop.abort(
      new HearthError(
        "cancelled",
        "The request was cancelled by somebody at the hub; ask again if you still need it.",
      ),
    );
  }

  begin(asked: Pick<RunningRequest, "trace_id" | "endpoint" | "model">, signal: AbortSignal): RunningEntry {
    const stop = new AbortController();
    const request: RunningRequest = {
      ...asked,
      started_at: new Date().toISOString(),
      state: "waiting",
      completion_tokens: 0,
    };
    this.#running.set(asked.trace_id, { request, stop });
    this.#onChange();
    const end = (): void => {
      if (this.#running.delete(asked.trace_id)) this.#onChange();
    };
    // An answer that nobody ever began to read ends with its client.
    const left = (): void => {
      stop.abort(signal.reason);
      end();
    };
    if (signal.aborted) left();
    else signal.addEventListener("abort", left, { once: true });
    return {
      signal: stop.signal,
      tokens: (count) => {
        request.state = "answering";
        request.completion_tokens += count;
      },
      end: () => {
        signal.removeEventListener("abort", left);
        end();
      },
      reason: (error) => (stop.signal.aborted && !signal.aborted ? stop.signal.reason : error),
    };
  }
}
