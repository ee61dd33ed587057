import type { ResponseRequest } from "@hearth/wire/openai/responses/request";
import type { StoredItem } from "@hearth/wire/openai/responses/stored-items";
import type { Tool } from "../../../inference/engine.ts";
import type { AnswerRequest } from "../../services.ts";
import { templateVariablesOf } from "../chat-prompt.ts";
import { addressed } from "../hearth-fields.ts";
import { schemaForm } from "../output-form.ts";
import { samplingOf } from "../sampling.ts";
import { chosenTools, type ToolUse } from "../tools.ts";
import { messagesOf } from "./conversation.ts";

/** What a response's request asks of the model, after all items of its conversation. Throws `invalid_request`. */
export function answerRequest(
  body: ResponseRequest,
  items: readonly StoredItem[],
  receivedAt: number,
): AnswerRequest {
  const { tools, choice } = toolUse(body);
  const variables = templateVariablesOf(body.reasoning?.effort, body.chat_template_kwargs);
  return {
    ...addressed(body, "/v1/responses", receivedAt),
    ...(body.truncation === "auto" ? { truncate: true } : {}),
    prompt: {
      kind: "chat",
      messages: messagesOf(body.instructions ?? null, items),
      ...(tools.length > 0 ? { tools } : {}),
      ...(Object.keys(variables).length > 0 ? { templateVariables: variables } : {}),
    },
    maxTokens: body.max_output_tokens ?? null,
    stop: [],
    sampling: samplingOf(body),
    toolChoice: choice,
    parallelToolCalls: body.parallel_tool_calls ?? true,
    output: outputForm(body),
    logprobs: wantsLogprobs(body) ? (body.top_logprobs ?? 0) : null,
  };
}

/** They come when they are asked for by either of OpenAI's two ways. */
export function wantsLogprobs({ include, top_logprobs: top }: ResponseRequest): boolean {
  return (include ?? []).length > 0 || (top ?? 0) > 0;
}

function outputForm({ text }: ResponseRequest): NonNullable<AnswerRequest["output"]> {
  const format = text?.format;
  if (format?.type === "json_object") return { kind: "json_object" };
  return format?.type === "json_schema" ? schemaForm(format) : { kind: "text" };
}

function toolUse({ tools: given, tool_choice: choice }: ResponseRequest): ToolUse {
  const tools: Tool[] = (given ?? []).map(({ name, description, parameters, strict }) => ({
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? false,
  }));
  if (typeof choice !== "object" || choice === null) return chosenTools(tools, choice ?? "auto", null);
  if (choice.type === "function") return chosenTools(tools, { name: choice.name }, null);
  return chosenTools(
    tools,
    choice.mode,
    choice.tools.map(({ name }) => name),
  );
}
