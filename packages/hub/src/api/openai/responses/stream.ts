import type { ResponseObject } from "@hearth/wire/openai/responses/response";
import { endedEarly } from "../../collect.ts";
import type { Answer } from "../../services.ts";
import type { ServerSentEvent } from "../../sse.ts";
import { openaiErrorBody } from "../error.ts";
import { endedResponse } from "./response-object.ts";
import { ResponseOutput, type OutputEvent } from "./output.ts";

export interface ResponseStream {
  answer: Answer;
  begun: ResponseObject;
  logprobs: boolean;
  /** Called with the whole response before its last event. */
  save: (response: ResponseObject) => Promise<void>;
  requestId: string;
}

/**
 * An answer as OpenAI's typed events, numbered from 0. What fails on the way comes as `error` and
 * then as `response.failed`; nothing of it is stored.
 */
export async function* responseEvents(stream: ResponseStream): AsyncGenerator<ServerSentEvent> {
  let next = 0;
  for await (const event of unnumbered(stream)) {
    yield { event: event.type, data: { ...event, sequence_number: next } };
    next += 1;
  }
}

async function* unnumbered(stream: ResponseStream): AsyncGenerator<OutputEvent> {
  const { begun, answer, requestId } = stream;
  const output = new ResponseOutput(begun.id, stream.logprobs);
  try {
    yield { type: "response.created", response: begun };
    yield { type: "response.in_progress", response: begun };
    yield* answered(stream, output);
  } catch (error) {
    const { code, message, param } = openaiErrorBody(error, requestId).error;
    yield { type: "error", code, message, param };
    const failed = { code: "server_error" as const, message };
    yield {
      type: "response.failed",
      response: { ...begun, status: "failed", error: failed, output: output.items },
    };
  } finally {
    // Its client left before the answer was read: it is read, and left.
    if (output.items.length === 0) for await (const _ of answer.events) break;
  }
}

async function* answered(
  { answer, begun, save }: ResponseStream,
  output: ResponseOutput,
): AsyncGenerator<OutputEvent> {
  for await (const event of answer.events) {
    if (event.type === "tokens") {
      yield* output.add(event);
      continue;
    }
    yield* output.end(event.finishReason === "length" ? "incomplete" : "completed");
    const response = endedResponse(begun, output.items, answer, event);
    await save(response);
    const type = response.status === "incomplete" ? "response.incomplete" : "response.completed";
    yield { type, response };
    return;
  }
  throw endedEarly();
}
