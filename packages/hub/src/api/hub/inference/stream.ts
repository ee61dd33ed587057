import {
  inferenceErrorEvent,
  inferenceRequest,
  inferenceResponse,
  inferenceTokenEvent,
} from "@hearth/wire/hub/inference";
import { z } from "zod";
import { serialiseError } from "../../../errors.ts";
import { answerHeaders } from "../../answer-headers.ts";
import { operation } from "../../operation.ts";
import type { Answer } from "../../services.ts";
import { eventStream, type ServerSentEvent } from "../../sse.ts";
import { answerRequest } from "./request.ts";
import { inferenceSummary } from "./summary.ts";

export const streamInference = operation({
  method: "POST",
  path: "/inference/stream",
  name: "streamInference",
  summary: "Continue a prompt, token by token",
  tag: "inference",
  body: inferenceRequest,
  responses: {
    200: {
      description: "Server-sent events: `token`, then `done` (the whole answer) or `error`",
      contentType: "text/event-stream",
      schema: z.union([inferenceTokenEvent, inferenceResponse, inferenceErrorEvent]),
    },
  },
  async handle({ services, body, receivedAt, signal }) {
    const answer = await services.generation.start(
      answerRequest(body, "/inference/stream", receivedAt),
      signal,
    );
    return eventStream(events(answer), answerHeaders(answer));
  },
});

async function* events(answer: Answer): AsyncGenerator<ServerSentEvent> {
  let text = "";
  try {
    for await (const event of answer.events) {
      if (event.type === "done") {
        yield { event: "done", data: inferenceSummary(answer, text, event) };
        return;
      }
      text += event.text;
      if (event.text !== "") yield { event: "token", data: { text: event.text } };
    }
  } catch (error) {
    const { code, message } = serialiseError(error);
    yield { event: "error", data: { code, message } };
  }
}
