import type { ChatCompletionRequest, ChatRequestMessage } from "@hearth/wire/openai/chat-request";
import { HearthError } from "../../errors.ts";
import type { Prompt } from "../../inference/engine.ts";

/** The messages as the chat template gets them; `developer` is today's name of `system`. */
export function chatPrompt(messages: readonly ChatRequestMessage[]): Prompt {
  return {
    kind: "chat",
    messages: messages.map(({ role, content }) => ({
      role: role === "developer" ? "system" : role,
      content: typeof content === "string" ? content : content.map((part) => part.text).join(""),
    })),
  };
}

/** `max_completion_tokens` or its older name; both only when they agree. */
export function maxTokensOf(body: ChatCompletionRequest): number | null {
  const { max_completion_tokens: current, max_tokens: older } = body;
  if (isGiven(current) && isGiven(older) && current !== older) {
    throw new HearthError(
      "invalid_request",
      `max_tokens is ${older} and max_completion_tokens is ${current}; send one of them.`,
      {
        details: { field: "max_tokens" },
      },
    );
  }
  return current ?? older ?? null;
}

/** `stream_options` says how to stream, so it needs `stream`. */
export function refuseLoneStreamOptions(body: {
  stream?: boolean | null | undefined;
  stream_options?: unknown;
}): void {
  if (isGiven(body.stream_options) && body.stream !== true) {
    throw new HearthError(
      "invalid_request",
      "stream_options is set and stream is not true; send it only with stream: true.",
      {
        details: { field: "stream_options" },
      },
    );
  }
}

/** OpenAI's null means "not given". */
function isGiven(value: unknown): boolean {
  return value !== null && value !== undefined;
}
