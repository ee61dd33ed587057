import { HearthError } from "../../../errors.ts";
import { answeredWith, unreachable } from "./answered-with.ts";
import { nameOf, quote, ServerFailure } from "./failures.ts";
import type { Patience } from "./patience.ts";
import type { ServerAddress } from "./server.ts";

/** Enough for any error, far too much for a message. */
const errorBodyBytes = 64 * 1024;

/**
 * Sends one request and gives the answer when it is a success; its body is still to be read. A redirect is
 * no success: following it could give the key to somebody else.
 *
 * Errors: ServerFailure, Timeout, RequestCancelled.
 */
export async function call(
  server: ServerAddress,
  path: string,
  body: ({ model: string } & Record<string, unknown>) | null,
  patience: Patience,
): Promise<Response> {
  const url = `${server.url}/${path}`;
  let response: Response;
  try {
    response = await fetch(url, {
      method: body === null ? "GET" : "POST",
      redirect: "manual",
      signal: patience.signal,
      headers: {
        accept: "application/json, text/event-stream",
        // What is not compressed cannot be a bomb.
        "accept-encoding": "identity",
        "user-agent": "hearth",
        ...(body === null ? {} : { "content-type": "application/json" }),
        ...(server.apiKey === null ? {} : { authorization: `Bearer ${server.apiKey}` }),
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw wordsFor(patience.reasonFor(error), (cause) => unreachable(server, url, cause));
  }
  patience.came();
  patience.progress();
  if (response.status === 200) return response;
  const text = await readText(server, response, errorBodyBytes, patience, "cut");
  throw answeredWith(server, url, response, text, body?.model);
}

/** The chunks of a body. Errors: ServerFailure when the connection breaks, Timeout, RequestCancelled. */
export async function* chunksOf(
  server: ServerAddress,
  response: Response,
  patience: Patience,
): AsyncGenerator<Uint8Array, void, void> {
  if (response.body === null) return;
  try {
    patience.wait();
    for await (const chunk of response.body) {
      patience.came();
      yield chunk;
      patience.wait();
    }
  } catch (error) {
    throw wordsFor(
      patience.reasonFor(error),
      (cause) =>
        new ServerFailure(
          "generation_failed",
          "sick",
          `${nameOf(server)} ended the connection in the middle of its answer (${causeOf(cause)}). Ask again.`,
          { cause, details: { url: server.url } },
        ),
    );
  }
}

/** A body as text. A longer one than `maxBytes` is cut, or fails with ServerFailure. */
export async function readText(
  server: ServerAddress,
  response: Response,
  maxBytes: number,
  patience: Patience,
  beyond: "cut" | "fail",
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunksOf(server, response, patience)) {
    bytes += chunk.length;
    text += decoder.decode(chunk, { stream: true });
    if (bytes <= maxBytes) continue;
    if (beyond === "cut") return text;
    throw new ServerFailure(
      "generation_failed",
      "sick",
      `${nameOf(server)} answered with more than ${maxBytes} bytes, which no answer of this kind takes.`,
      { details: { url: server.url } },
    );
  }
  return text + decoder.decode();
}

/** A body as JSON. Errors: as {@link readText}, and ServerFailure when it is none. */
export async function readJson(
  server: ServerAddress,
  response: Response,
  maxBytes: number,
  patience: Patience,
): Promise<unknown> {
  const text = await readText(server, response, maxBytes, patience, "fail");
  try {
    return JSON.parse(text);
  } catch (error) {
    const kind = /^\s*</.test(text) ? "an HTML page" : `no JSON: ${quote(text, server)}`;
    throw new ServerFailure(
      "unavailable",
      "sick",
      `${nameOf(server)} answered with ${kind}. Is this the address of an OpenAI-compatible API, with its /v1?`,
      { cause: error, details: { url: server.url } },
    );
  }
}

/** Errors of our own stay what they are; whatever else was thrown is put into words. */
function wordsFor(error: unknown, words: (cause: unknown) => ServerFailure): HearthError {
  return error instanceof HearthError ? error : words(error);
}

/** fetch hides what happened in its error's cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
