import { z } from "zod";
import { prepareChat } from "../../../../inference/chat/chat-prompt.ts";
import type { Tool } from "../../../../inference/engine.ts";
import type { ChatMessage, RenderOptions } from "../../../../model-files/chat-template.ts";

/** What a row says: messages, and the tools that the model is told of. */
export interface Conversation {
  messages: readonly ChatMessage[];
  tools: readonly Record<string, unknown>[];
}

const describedTool = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
});
const writtenTool = z.union([
  z.looseObject({ function: describedTool }).transform((tool) => tool.function),
  describedTool,
]);

/**
 * A conversation as the template gets it. One that speaks of tools takes the way that it takes in serving, so that
 * what is learned is what will be asked; one that does not is given as it is.
 *
 * Errors: InvalidRequest for calls that are none.
 */
export function asTemplateTakes(
  { messages, tools }: Conversation,
  template: string,
): Pick<RenderOptions, "messages" | "extra"> {
  if (tools.length === 0 && !messages.some(speaksOfTools)) return { messages };
  const { messages: prepared, extra } = prepareChat(
    template,
    { kind: "chat", messages: [...messages], tools: tools.map(toolOf) },
    "auto",
  );
  return { messages: prepared, extra };
}

function speaksOfTools(message: ChatMessage): boolean {
  return message.role === "tool" || Array.isArray(message["tool_calls"]);
}

function toolOf(written: Record<string, unknown>): Tool {
  const { name, description, parameters } = writtenTool.parse(written);
  return { name, description: description ?? null, parameters: parameters ?? null, strict: false };
}
