import type { IncomingMessage } from "node:http";
import type { Turn, TurnOutcome } from "../turns.ts";
import { WholeEvents } from "./whole-events.ts";

const encoder = new TextEncoder();
const brokenOff = "The AI service ended in the middle of this answer. What has come is kept; try again.";

/** Events that wait for a client who reads slowly; then the sidecar waits, too. */
const mostWaiting = 64;

/** The end of a stream that could not say it itself. */
function lastWords(part: object): Uint8Array {
  return encoder.encode(`data: ${JSON.stringify(part)}\n\ndata: [DONE]\n\n`);
}

/**
 * The stream of a sidecar, kept and passed on event by event; `release` is called once, when nothing of it is needed
 * any more.
 */
export function relayStream(
  turn: Turn,
  upstream: IncomingMessage,
  caller: AbortSignal,
  release: () => void,
): ReadableStream<Uint8Array> {
  const events = new WholeEvents();
  const cancelled = new AbortController();
  /** Nobody reads any more: nothing may be handed on from then. */
  const gone = AbortSignal.any([caller, cancelled.signal]);
  let over = false;
  /** `last` is what the client is told where the stream cannot say it itself. */
  const end = async (
    controller: ReadableStreamDefaultController<Uint8Array>,
    outcome: TurnOutcome,
    last: object | null,
  ): Promise<void> => {
    if (over) return;
    over = true;
    release();
    upstream.destroy();
    if (last !== null) {
      const bytes = lastWords(last);
      try {
        turn.keep(bytes);
      } catch {
        // It could not be kept: the outcome says so, and the client is told all the same.
      }
      if (!gone.aborted) controller.enqueue(bytes);
    }
    try {
      await turn.end(outcome);
      if (!gone.aborted) controller.close();
    } catch (error) {
      if (!gone.aborted) controller.error(error);
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const fail = (words: string): void =>
          void end(controller, { status: "failed", error: words }, { type: "error", errorText: words });
        const stop = (last: object | null): void =>
          void end(controller, { status: "stopped", error: null }, last);
        upstream.on("data", (bytes: Buffer) => {
          const whole = over ? null : events.take(bytes);
          if (whole === null) return;
          try {
            turn.keep(whole);
          } catch (error) {
            return fail(`The conversation cannot be kept any more: ${String(error)}`);
          }
          controller.enqueue(whole);
          if ((controller.desiredSize ?? 1) <= 0) upstream.pause();
        });
        upstream.once("end", () => {
          if (events.atBoundary) void end(controller, { status: "complete", error: null }, null);
          else fail(brokenOff);
        });
        upstream.once("error", () => fail(brokenOff));
        turn.stopped.addEventListener("abort", () => stop({ type: "abort", reason: "stopped" }));
        gone.addEventListener("abort", () => stop(null));
        // Either may have come while the head was on its way.
        if (gone.aborted) stop(null);
        else if (turn.stopped.aborted) stop({ type: "abort", reason: "stopped" });
      },
      pull() {
        upstream.resume();
      },
      cancel() {
        cancelled.abort();
      },
    },
    { highWaterMark: mostWaiting },
  );
}
