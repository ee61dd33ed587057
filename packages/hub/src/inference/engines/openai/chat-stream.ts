import type { GenerateEvent, GenerateRequest } from "../../engine.ts";
import { AnswerReader } from "./answer-reader.ts";
import { call, chunksOf, readJson } from "./call.ts";
import { EventStreamReader, StreamTooLarge, type StreamedEvent } from "./event-stream.ts";
import { nameOf, quote, ServerFailure } from "./failures.ts";
import { Patience } from "./patience.ts";
import type { WireRequest } from "./request-body.ts";
import type { ServerAddress } from "./server.ts";

/** After the last token the counts come at once, or never. */
const countsMs = 2_000;
const endMs = 50;
/** A whole answer in one piece. */
const wholeAnswerBytes = 32 * 2 ** 20;

/**
 * Sends one request to one server and gives its answer as it comes. Leaving the loop early, or the signal, closes
 * the connection, which is how servers learn that nobody reads any more.
 *
 * Errors: ServerFailure, Timeout, RequestCancelled.
 */
export async function* streamAnswer(
  server: ServerAddress,
  { path, body }: WireRequest,
  expected: Pick<GenerateRequest, "logprobs" | "toolChoice" | "parallelToolCalls">,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent, void, void> {
  using patience = new Patience(signal, server.timeoutMs, nameOf(server));
  const response = await call(server, path, body, patience);
  const reader = new AnswerReader(server, expected);
  // Some servers answer in one piece whatever they are asked, above all when something is wrong.
  if (!/^text\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) {
    yield* reader.push(await readJson(server, response, wholeAnswerBytes, patience));
    yield* reader.end(false);
    return;
  }
  let told = false;
  try {
    for await (const event of eventsOf(server, response, patience)) {
      if (told) continue;
      told = event.data.trim() === "[DONE]";
      if (!told) yield* reader.push(parse(server, event));
      // A connection that is read to its end serves the next request, too.
      if (told || reader.complete) patience.hurry(endMs);
      else if (reader.finished) patience.hurry(countsMs);
    }
  } catch (error) {
    // What comes after the last token is missed by nobody.
    if (signal.aborted || !(told || reader.finished)) throw error;
  }
  yield* reader.end(told);
}

async function* eventsOf(
  server: ServerAddress,
  response: Response,
  patience: Patience,
): AsyncGenerator<StreamedEvent, void, void> {
  const reader = new EventStreamReader();
  try {
    for await (const chunk of chunksOf(server, response, patience)) {
      for (const event of reader.push(chunk)) {
        patience.progress();
        yield event;
      }
    }
    yield* reader.end();
  } catch (error) {
    if (!(error instanceof StreamTooLarge)) throw error;
    throw new ServerFailure(
      "generation_failed",
      "sick",
      `${nameOf(server)} broke its stream: ${error.message}.`,
      {
        cause: error,
        details: { url: server.url },
      },
    );
  }
}

function parse(server: ServerAddress, { event, data }: StreamedEvent): unknown {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch (error) {
    if (event === "error") return { error: data };
    throw new ServerFailure(
      "generation_failed",
      "sick",
      `${nameOf(server)} sent something in its stream that is no JSON: ${quote(data, server)}`,
      { cause: error, details: { url: server.url } },
    );
  }
  // llama-server's `error:` line holds the error itself.
  return event === "error" && !isError(body) ? { error: body } : body;
}

function isError(body: unknown): boolean {
  return typeof body === "object" && body !== null && "error" in body;
}
