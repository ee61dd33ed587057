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
 * A conversation as the template gets it in serving, so that what is learned is what will be asked: tools as the
 * template speaks of them, and where it knows no system message the first question begins with it.
 *
 * Errors: InvalidRequest for calls that are none.
 */
export function asTemplateTakes(
  { messages, tools }: Conversation,
  template: string,
): Pick<RenderOptions, "messages" | "extra"> {
  const { messages: prepared, extra } = prepareChat(
    template,
    { kind: "chat", messages: [...messages], tools: tools.map(toolOf) },
    "auto",
  );
  return { messages: prepared, extra };
}

function toolOf(written: Record<string, unknown>): Tool {
  const { name, description, parameters } = writtenTool.parse(written);
  return { name, description: description ?? null, parameters: parameters ?? null, strict: false };
}
