import type { ChatRequestMessage } from "@hearth/wire/openai/chat-messages";
import type { ChatCompletionRequest } from "@hearth/wire/openai/chat-request";
import type { ChatPrompt } from "../../inference/engine.ts";
import type { ChatMessage } from "../../model-files/chat-template.ts";
import { isGiven, refusal } from "./refuse.ts";
import { toolsOf } from "./tools.ts";

/** The conversation as the model's chat template gets it, with the tools that the model may call. */
export function chatPrompt(body: ChatCompletionRequest): ChatPrompt {
  const { tools } = toolsOf(body.tools, body.tool_choice);
  const templateVariables = templateVariablesOf(body.reasoning_effort, body.chat_template_kwargs);
  return {
    kind: "chat",
    messages: body.messages.map(templateMessage),
    ...(tools.length > 0 ? { tools } : {}),
    ...(Object.keys(templateVariables).length > 0 ? { templateVariables } : {}),
  };
}

/** `developer` is today's name of `system`. */
function templateMessage(message: ChatRequestMessage): ChatMessage {
  const { role, name } = message;
  const named = isGiven(name) ? { name } : {};
  switch (role) {
    case "system":
    case "developer":
      return { role: "system", content: joined(message.content), ...named };
    case "user":
      return { role, content: joined(message.content), ...named };
    case "tool":
      return { role, content: joined(message.content), tool_call_id: message.tool_call_id, ...named };
    case "assistant": {
      const calls = (message.tool_calls ?? []).map(({ id, type, function: called }) => ({
        id,
        type,
        function: { name: called.name, arguments: called.arguments },
      }));
      return {
        role,
        content: joined(message.content ?? message.refusal ?? ""),
        ...(isGiven(message.reasoning_content) ? { reasoning_content: message.reasoning_content } : {}),
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
        ...named,
      };
    }
  }
}

type Part = { type: "text"; text: string } | { type: "refusal"; refusal: string };

function joined(content: string | readonly Part[]): string {
  if (typeof content === "string") return content;
  return content.map((part) => (part.type === "text" ? part.text : part.refusal)).join("");
}

/** OpenAI's effort of reasoning in the variables that open models' templates read. */
export function templateVariablesOf(
  effort: ChatCompletionRequest["reasoning_effort"],
  variables: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, unknown> {
  if (!isGiven(effort)) return { ...variables };
  const asked = effort === "none" ? { enable_thinking: false } : { reasoning_effort: effort };
  return { ...asked, ...variables };
}

/** By which field of the request a template's variable was set, where that is not `chat_template_kwargs`. */
export function variableNames(
  effortField: string,
  effort: ChatCompletionRequest["reasoning_effort"],
  variables: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, string> {
  const set = Object.keys(templateVariablesOf(effort, null)).filter(
    (name) => !Object.hasOwn(variables ?? {}, name),
  );
  return Object.fromEntries(set.map((name) => [`chat_template_kwargs.${name}`, effortField]));
}

/** `max_completion_tokens` or its older name; both only when they agree. */
export function maxTokensOf(body: ChatCompletionRequest): number | null {
  const { max_completion_tokens: current, max_tokens: older } = body;
  if (isGiven(current) && isGiven(older) && current !== older)
    throw refusal(
      "max_tokens",
      `max_tokens is ${older} and max_completion_tokens is ${current}; send one of them.`,
    );
  return current ?? older ?? null;
}
