import { responseRequest, type ResponseRequest } from "@hearth/wire/openai/responses/request";
import { responseObject, type ResponseObject } from "@hearth/wire/openai/responses/response";
import type { StoredItem } from "@hearth/wire/openai/responses/stored-items";
import { HearthError } from "../../../errors.ts";
import type { Responses } from "../../../responses/responses.ts";
import { answerHeaders } from "../../answer-headers.ts";
import { endedEarly } from "../../collect.ts";
import { operation } from "../../operation.ts";
import type { Answer } from "../../services.ts";
import { eventStream } from "../../sse.ts";
import { variableNames } from "../chat-prompt.ts";
import { refuseLoneStreamOptions, renamed } from "../refuse.ts";
import { answerRequest, wantsLogprobs } from "./ask.ts";
import { readInput } from "./input.ts";
import { ResponseOutput } from "./output.ts";
import { begunResponse, endedResponse } from "./response-object.ts";
import { responseEvents } from "./stream.ts";

/** Fields of chat completions by their names here. */
const names = {
  messages: "input",
  prompt: "input",
  response_format: "text.format",
  "response_format.json_schema": "text.format",
  max_tokens: "max_output_tokens",
  logprobs: "include",
  truncate: "truncation",
};

export const createResponse = operation({
  method: "POST",
  path: "/v1/responses",
  name: "createResponse",
  summary: "Answer a conversation, stored or not (OpenAI)",
  tag: "openai",
  dialect: "openai",
  body: responseRequest,
  responses: {
    200: {
      description: "The response; with `stream: true`, server-sent events, each named by its type",
      schema: responseObject,
    },
  },
  async handle({ services, body, receivedAt, requestId, signal }) {
    refuseLoneStreamOptions(body);
    const input = await readInput(body.input, services.responses);
    const before = await itemsBefore(body, services.responses);
    const request = answerRequest(body, [...before, ...input], receivedAt);
    const answer = await services.generation.start(request, signal).catch((error: unknown) => {
      const effort = variableNames("reasoning.effort", body.reasoning?.effort, body.chat_template_kwargs);
      throw renamed(error, { ...names, ...toolNames(body), ...effort });
    });
    const begun = begunResponse(body, answer);
    const logprobs = wantsLogprobs(body);
    const save = async (response: ResponseObject): Promise<void> => {
      if (response.store) await services.responses.save({ input, response });
    };
    const headers = answerHeaders(answer);
    if (body.stream === true)
      return eventStream(responseEvents({ answer, begun, logprobs, save, requestId }), headers);
    const response = await whole(answer, begun, logprobs);
    await save(response);
    return Response.json(response, { headers });
  },
});

/** A function's fields stand one level higher here. */
function toolNames({ tools }: ResponseRequest): Record<string, string> {
  return Object.fromEntries((tools ?? []).map((_, index) => [`tools[${index}].function`, `tools[${index}]`]));
}

/** All that was said before, the oldest first. Throws `not_found` with OpenAI's code. */
async function itemsBefore(body: ResponseRequest, responses: Responses): Promise<StoredItem[]> {
  const previous = body.previous_response_id ?? null;
  if (previous === null) return [];
  try {
    const conversation = await responses.conversation(previous);
    return conversation.flatMap(({ input, response }) => [...input, ...response.output]);
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== "not_found") throw error;
    throw new HearthError("invalid_request", error.message, {
      cause: error,
      details: { field: "previous_response_id" },
    });
  }
}

async function whole(answer: Answer, begun: ResponseObject, logprobs: boolean): Promise<ResponseObject> {
  const output = new ResponseOutput(begun.id, logprobs);
  for await (const event of answer.events) {
    // Without a stream nobody hears the steps; they are taken all the same.
    if (event.type === "tokens") {
      for (const _ of output.add(event));
      continue;
    }
    for (const _ of output.end(event.finishReason === "length" ? "incomplete" : "completed"));
    return endedResponse(begun, output.items, answer, event);
  }
  throw endedEarly();
}
