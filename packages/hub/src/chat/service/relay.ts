import type { IncomingMessage } from "node:http";
import { hubError } from "@hearth/wire/hub/common";
import { streamHeader, turnHeaders, type SidecarTurn, type TurnSettings } from "@hearth/wire/chat/turn";
import { HearthError } from "../../errors.ts";
import type { Turn } from "../turns.ts";
import { readText, type SidecarConnections } from "./address.ts";
import { relayStream } from "./relay-stream.ts";
import type { Lease, Sidecars } from "./sidecars.ts";

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
  sidecars: Pick<Sidecars, "lease">,
  caller: AbortSignal,
): Promise<Response> {
  const failed = new AbortController();
  const gone = AbortSignal.any([caller, turn.stopped, failed.signal]);
  let lease: Lease | null = null;
  try {
    lease = await sidecars.lease(gone);
    // What goes on runs the calls that were allowed, at once: that has to be on disk before.
    if (turn.messages.at(-1)?.role === "assistant") await turn.stored;
    const { connections } = lease;
    const [upstream] = await Promise.all([ask(turn, settings, connections, gone), turn.stored]);
    const held = lease;
    return new Response(
      relayStream(turn, upstream, caller, () => held[Symbol.dispose]()),
      {
        headers: {
          ...Object.fromEntries(passedOn.map((name) => [name, String(upstream.headers[name] ?? "")])),
          // Said in so many words, the adapter writes each chunk as it comes.
          "transfer-encoding": "chunked",
        },
      },
    );
  } catch (error) {
    const stopped = gone.aborted;
    // Where the prompt could not be kept, the sidecar may have begun already.
    failed.abort();
    lease?.[Symbol.dispose]();
    const words = error instanceof Error ? error.message : String(error);
    // What is thrown here says why; that the prompt could not be kept, for one, will fail here as well.
    await turn
      .end({ status: stopped ? "stopped" : "failed", error: stopped ? null : words })
      .catch(() => undefined);
    if (turn.stopped.aborted && !caller.aborted)
      throw new HearthError("cancelled", "The answer was stopped before it began.", { cause: error });
    throw error;
  }
}

async function ask(
  turn: Turn,
  settings: TurnSettings,
  connections: SidecarConnections,
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
