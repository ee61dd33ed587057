import { chatMessage } from "@hearth/wire/chat/message";
import type { StoredMessage } from "@hearth/wire/chat/session";
import { parseJsonEventStream, readUIMessageStream, uiMessageChunkSchema } from "ai";
import type { UIMessage, UIMessageChunk } from "ai";
import { z } from "zod";
import { readParts } from "./message.ts";

/** What the wire's schema lets through is a message for the AI SDK. */
const uiMessage = z.custom<UIMessage>((value) => chatMessage.safeParse(value).success);

const frameMs = 16;

/** How far an answer is; what it is made of is read when it is drawn. */
export interface Progress {
  parts: readonly unknown[];
  metadata: unknown;
}

/** How an answer's stream ended; `broken`: it did not say that it was through. */
export type Ending =
  | { kind: "finished" }
  | { kind: "aborted" }
  | { kind: "broken" }
  | { kind: "failed"; message: string };

/**
 * Reads the AI SDK's UI message stream of a turn, beginning with what the answer has already.
 *
 * @throws what the connection fails with.
 */
export async function readAnswer(
  body: ReadableStream<Uint8Array>,
  before: StoredMessage,
  progressed: (progress: Progress) => void,
): Promise<Ending> {
  let ending: Ending = { kind: "broken" };
  const { id, role, parts } = before;
  const chunks = parseJsonEventStream({ stream: body, schema: uiMessageChunkSchema }).pipeThrough(
    new TransformStream<
      { success: true; value: UIMessageChunk } | { success: false; error: Error },
      UIMessageChunk
    >({
      transform(event, controller) {
        if (!event.success) throw event.error;
        const { value } = event;
        if (value.type === "finish" && ending.kind === "broken") ending = { kind: "finished" };
        if (value.type === "abort") ending = { kind: "aborted" };
        if (value.type === "error") ending = { kind: "failed", message: value.errorText };
        controller.enqueue(value);
      },
    }),
  );
  let problem: unknown = null;
  const messages = readUIMessageStream({
    message: uiMessage.parse({ id, role, parts: readParts(parts) }),
    stream: joinDeltas(chunks),
    onError: (error) => (problem ??= error),
  });
  for await (const { parts: now, metadata } of messages) progressed({ parts: now, metadata });
  if (problem !== null && ending.kind === "broken") throw problem;
  return ending;
}

type Delta = Extract<UIMessageChunk, { type: "text-delta" | "reasoning-delta" }>;

const isDelta = (chunk: UIMessageChunk): chunk is Delta =>
  chunk.type === "text-delta" || chunk.type === "reasoning-delta";

/** Deltas of one text that come within a frame are one: the SDK's reader makes a message of each. */
function joinDeltas(chunks: ReadableStream<UIMessageChunk>): ReadableStream<UIMessageChunk> {
  const reader = chunks.getReader();
  const read = () => {
    const reading = reader.read();
    // It is awaited below, or nobody wants to know any more.
    reading.catch(() => undefined);
    return reading;
  };
  let next = read();
  return new ReadableStream<UIMessageChunk>({
    async pull(controller) {
      const first = await next;
      if (first.done) {
        controller.close();
        return;
      }
      next = read();
      let joined = first.value;
      if (isDelta(joined)) {
        const frame = new Promise<null>((resolve) => setTimeout(() => resolve(null), frameMs));
        const began = performance.now();
        for (;;) {
          // What is there already comes without a pause: timers, and with them the page, would never get their turn.
          if (performance.now() - began > frameMs) {
            await frame;
            break;
          }
          const more = await Promise.race([next, frame]);
          if (more === null || more.done || !isDelta(more.value)) break;
          if (more.value.type !== joined.type || more.value.id !== joined.id) break;
          joined = { ...joined, delta: joined.delta + more.value.delta };
          next = read();
        }
      }
      controller.enqueue(joined);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
