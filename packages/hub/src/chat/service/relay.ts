import type { IncomingMessage } from "node:http";
import { hubError } from "@hearth/wire/hub/common";
import { streamHeader, turnHeaders, type SidecarTurn, type TurnSettings } from "@hearth/wire/chat/turn";
import { HearthError } from "../../errors.ts";
import type { Turn, TurnOutcome } from "../turns.ts";
import { readText } from "./address.ts";
import type { Lease, Sidecars } from "./sidecars.ts";

const encoder = new TextEncoder();
const passedOn = [
  "content-type",
  "cache-control",
  "x-accel-buffering",
  streamHeader[0],
  ...Object.values(turnHeaders),
];

/**
 * Passes a turn on to a sidecar and its stream back, byte for byte and as it comes. When the client goes away the
 * connection to the sidecar is closed, which stops the work behind it. Whatever happens, the turn ends.
 *
 * @throws HearthError what the sidecar refused, or `unavailable` when there is none.
 */
export async function relayTurn(
  turn: Turn,
  settings: TurnSettings,
  sidecars: Sidecars,
  caller: AbortSignal,
): Promise<Response> {
  const gone = AbortSignal.any([caller, turn.stopped]);
  let lease: Lease | null = null;
  try {
    lease = await sidecars.lease(gone);
    // What goes on runs the calls that were allowed, at once: that has to be on disk before.
    if (turn.messages.at(-1)?.role === "assistant") await turn.stored;
    const [upstream] = await Promise.all([ask(turn, settings, lease, gone), turn.stored]);
    return new Response(streamOf(turn, upstream, lease, caller), {
      headers: {
        ...Object.fromEntries(passedOn.map((name) => [name, String(upstream.headers[name] ?? "")])),
        // Said in so many words, the adapter writes each chunk as it comes.
        "transfer-encoding": "chunked",
      },
    });
  } catch (error) {
    lease?.[Symbol.dispose]();
    const stopped = gone.aborted;
    const words = error instanceof Error ? error.message : String(error);
    // What is thrown here says why; that the prompt could not be kept, for one, will fail here as well.
    await turn
      .end({ status: stopped ? "stopped" : "failed", error: stopped ? null : words })
      .catch(() => undefined);
    throw error;
  }
}

async function ask(
  turn: Turn,
  settings: TurnSettings,
  { connections }: Lease,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { sessionId, answerId, messages, providerId, modelId } = turn;
  const body: SidecarTurn = {
    sessionId,
    answerId,
    messages: [...messages],
    settings,
    ...(providerId === null ? {} : { providerId }),
    ...(modelId === null ? {} : { modelId }),
  };
  let upstream: IncomingMessage;
  try {
    upstream = await connections.send("POST", "/api/chat", JSON.stringify(body), signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new HearthError(
      "unavailable",
      `The AI service could not be reached: ${String(error)}. Try again in 1 s.`,
      {
        cause: error,
        details: { service: "chat", retry_after_seconds: 1 },
      },
    );
  }
  if (upstream.statusCode === 200) return upstream;
  const text = await readText(upstream);
  const told = hubError.safeParse(parseJson(text));
  const message = told.success ? told.data.error.message : `The AI service answered ${upstream.statusCode}.`;
  throw new HearthError(upstream.statusCode === 400 ? "invalid_request" : "generation_failed", message);
}

function streamOf(
  turn: Turn,
  upstream: IncomingMessage,
  lease: Lease,
  caller: AbortSignal,
): ReadableStream<Uint8Array> {
  let over = false;
  /** `last` is what the client is told where the stream cannot say it itself. */
  const end = async (
    controller: ReadableStreamDefaultController<Uint8Array>,
    outcome: TurnOutcome,
    last: object | null,
  ): Promise<void> => {
    if (over) return;
    over = true;
    lease[Symbol.dispose]();
    upstream.destroy();
    try {
      if (last !== null) {
        const bytes = encoder.encode(`data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`);
        turn.keep(bytes);
        if (!caller.aborted) controller.enqueue(bytes);
      }
    } catch {
      // It could not be kept: the outcome says so.
    }
    try {
      await turn.end(outcome);
      if (!caller.aborted) controller.close();
    } catch (error) {
      if (!caller.aborted) controller.error(error);
    }
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        upstream.on("data", (bytes: Buffer) => {
          if (over) return;
          try {
            turn.keep(bytes);
          } catch (error) {
            const words = `The conversation cannot be kept any more: ${String(error)}`;
            void end(controller, { status: "failed", error: words }, { type: "error", errorText: words });
            return;
          }
          controller.enqueue(bytes);
          if ((controller.desiredSize ?? 1) <= 0) upstream.pause();
        });
        upstream.once("end", () => void end(controller, { status: "complete", error: null }, null));
        upstream.once("error", () => {
          const words =
            "The AI service ended in the middle of this answer. What has come is kept; try again.";
          void end(controller, { status: "failed", error: words }, { type: "error", errorText: words });
        });
        turn.stopped.addEventListener(
          "abort",
          () =>
            void end(controller, { status: "stopped", error: null }, { type: "abort", reason: "stopped" }),
        );
        caller.addEventListener(
          "abort",
          () => void end(controller, { status: "stopped", error: null }, null),
        );
      },
      pull() {
        upstream.resume();
      },
      cancel() {
        // The caller's signal tells of it, too, and does the rest.
        upstream.destroy();
      },
    },
    { highWaterMark: 64 },
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
