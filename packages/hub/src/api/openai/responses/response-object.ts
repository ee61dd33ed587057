import type { ResponseRequest } from "@hearth/wire/openai/responses/request";
import type { ResponseObject, ResponseUsage } from "@hearth/wire/openai/responses/response";
import type { Answer, AnswerEvent } from "../../services.ts";
import { responseId } from "./ids.ts";

/** A response that has begun: what was asked, and nothing said yet. */
export function begunResponse(body: ResponseRequest, answer: Answer): ResponseObject {
  return {
    id: responseId(answer.traceId),
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    completed_at: null,
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    metadata: body.metadata ?? {},
    model: answer.by.reference,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    service_tier: "default",
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: formatOf(body), verbosity: "medium" },
    tool_choice: body.tool_choice ?? "auto",
    tools: (body.tools ?? []).map((tool) => ({
      type: "function",
      name: tool.name,
      description: tool.description ?? null,
      parameters: tool.parameters ?? null,
      strict: tool.strict ?? false,
    })),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? "disabled",
    usage: null,
    user: body.user ?? null,
  };
}

function formatOf({ text }: ResponseRequest): ResponseObject["text"]["format"] {
  const format = text?.format;
  if (format?.type !== "json_schema") return format ?? { type: "text" };
  const { name, schema, description, strict } = format;
  return {
    type: "json_schema",
    name,
    schema,
    description: description ?? null,
    strict: strict ?? false,
  };
}

/** The response at its end. */
export function endedResponse(
  begun: ResponseObject,
  output: ResponseObject["output"],
  answer: Answer,
  done: Extract<AnswerEvent, { type: "done" }>,
): ResponseObject {
  const complete = done.finishReason !== "length";
  return {
    ...begun,
    status: complete ? "completed" : "incomplete",
    completed_at: complete ? Math.floor(Date.now() / 1000) : null,
    incomplete_details: complete ? null : { reason: "max_output_tokens" },
    output,
    usage: usageOf(answer, done),
  };
}

function usageOf(answer: Answer, done: Extract<AnswerEvent, { type: "done" }>): ResponseUsage | null {
  const { promptTokens, cachedTokens } = answer;
  // Another server did not count: a number of ours would be made up.
  if (promptTokens === null) return null;
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens ?? 0 },
    output_tokens: done.completionTokens,
    output_tokens_details: { reasoning_tokens: done.reasoningTokens },
    total_tokens: promptTokens + done.completionTokens,
  };
}
