import type { ChatCompletionRequest } from "@hearth/wire/openai/chat-request";
import type { Tool, ToolChoice } from "../../inference/engine.ts";
import { refusal } from "./refuse.ts";

/** Tools that the model hears of, and whether it has to call one. */
export interface ToolUse {
  tools: Tool[];
  choice: ToolChoice;
}

/** Throws `invalid_request` when the choice names a function that is not among the tools. */
export function toolsOf(
  given: ChatCompletionRequest["tools"],
  choice: ChatCompletionRequest["tool_choice"],
): ToolUse {
  const tools = (given ?? []).map(({ function: { name, description, parameters, strict } }) => ({
    name,
    description: description ?? null,
    parameters: parameters ?? null,
    strict: strict ?? false,
  }));
  if (typeof choice === "object" && choice?.type === "function")
    return chosenTools(tools, { name: choice.function.name }, null);
  if (typeof choice === "object" && choice?.type === "allowed_tools") {
    const { mode, tools: allowed } = choice.allowed_tools;
    return chosenTools(
      tools,
      mode,
      allowed.map((tool) => tool.function.name),
    );
  }
  return chosenTools(tools, choice ?? "auto", null);
}

/** Checks a choice, and keeps the allowed tools (null: all). The same for chat completions and responses. */
export function chosenTools(tools: Tool[], choice: ToolChoice, allowed: readonly string[] | null): ToolUse {
  const named = [...(typeof choice === "object" ? [choice.name] : []), ...(allowed ?? [])];
  const unknown = named.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown !== undefined)
    throw refusal(
      "tool_choice",
      `tool_choice names the function "${unknown}", which is not among the tools.`,
    );
  if (choice === "required" && tools.length === 0)
    throw refusal("tool_choice", "tool_choice is required and there are no tools; send some.");
  if (choice === "none" || tools.length === 0) return { tools: [], choice: "none" };
  return { tools: tools.filter(({ name }) => allowed === null || allowed.includes(name)), choice };
}
