import {
  inferenceErrorEvent,
  inferenceResponse,
  inferenceTokenEvent,
  type inferenceRequest,
  type InferenceResponse,
} from "@hearth/wire/hub/inference";
import type { z } from "zod";
import { HearthApiError, UnexpectedAnswer } from "./errors.ts";
import { parseEvent } from "./parse-event.ts";
import type { CallOptions, Transport } from "./transport.ts";

/** The hub's own inference routes: a prompt is continued as it is, without a chat template. */
export class InferenceClient {
  private readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  run(request: z.input<typeof inferenceRequest>, options: CallOptions = {}): Promise<InferenceResponse> {
    return this.transport.json(inferenceResponse, "POST", "/inference", { ...options, body: request });
  }

  /** Yields text as it comes and returns the whole answer. */
  async *stream(
    request: z.input<typeof inferenceRequest>,
    options: CallOptions = {},
  ): AsyncGenerator<string, InferenceResponse> {
    const path = "/inference/stream";
    for await (const event of this.transport.events("POST", path, { ...options, body: request })) {
      if (event.event === "token") yield parseEvent(inferenceTokenEvent, event, path).text;
      if (event.event === "done") return parseEvent(inferenceResponse, event, path);
      if (event.event === "error") {
        const { code, message } = parseEvent(inferenceErrorEvent, event, path);
        throw new HearthApiError(200, code, message);
      }
    }
    throw new UnexpectedAnswer(path, 200, "a stream that ended early; the hub may have stopped");
  }
}
