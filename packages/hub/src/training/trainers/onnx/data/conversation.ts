import { prepareChat } from "../../../../inference/chat/chat-prompt.ts";
import { toolOf } from "../../../../inference/chat/written-tools.ts";
import type { ChatMessage, RenderOptions } from "../../../../model-files/chat-template.ts";

/** What a row says: messages, and the tools that the model is told of. */
export interface Conversation {
  messages: readonly ChatMessage[];
  tools: readonly Record<string, unknown>[];
}

/**
 * A conversation as the template gets it in serving, so that what is learned is what will be asked: tools as the
 * template speaks of them, and where it knows no system message the first question begins with it.
 *
 * Errors: InvalidRequest for calls and tools that are none.
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
