import type { ChatMessage } from "../model-files/chat-template.ts";
import type { GenerateRequest, Prompt } from "../inference/engine.ts";
import type { Pool } from "../inference/pool.ts";

/** Kept free for the answer where the request does not say how long it may become. */
const leastAnswer = 256;

/**
 * A prompt with its oldest part left out, so that it and its answer fit the model's context: whole
 * messages of a conversation, oldest first, after the system messages and never the last one; the
 * first tokens of anything else. A conversation whose last message alone is too long comes back with
 * that one only, and is refused where every prompt is measured.
 */
export async function fittingPrompt(
  pool: Pick<Pool, "tokenize" | "load">,
  versionId: string,
  { prompt, maxTokens }: Pick<GenerateRequest, "prompt" | "maxTokens">,
  signal: AbortSignal,
): Promise<Prompt> {
  const { contextSize } = await pool.load(versionId, signal);
  const room = contextSize - Math.min(maxTokens ?? leastAnswer, Math.floor(contextSize / 2));
  const tokens = await pool.tokenize(versionId, prompt, signal);
  if (tokens.length <= room) return prompt;
  if (prompt.kind !== "chat") return { kind: "tokens", tokens: tokens.slice(-room) };
  const fits = async (dropped: number): Promise<boolean> => {
    const shorter = { ...prompt, messages: without(prompt.messages, dropped) };
    return (await pool.tokenize(versionId, shorter, signal)).length <= room;
  };
  const dropped = await fewest(droppable(prompt.messages), fits);
  return { ...prompt, messages: without(prompt.messages, dropped) };
}

function leading(messages: readonly ChatMessage[]): number {
  const first = messages.findIndex(({ role }) => role !== "system");
  return first === -1 ? messages.length : first;
}

function droppable(messages: readonly ChatMessage[]): number {
  return Math.max(0, messages.length - leading(messages) - 1);
}

/** What answers a call is nothing without the call: results of tools go with it. */
function without(messages: readonly ChatMessage[], dropped: number): ChatMessage[] {
  const kept = leading(messages);
  let from = kept + dropped;
  while (dropped > 0 && from < messages.length - 1 && messages[from]?.role === "tool") from += 1;
  return [...messages.slice(0, kept), ...messages.slice(from)];
}

/** The smallest count that fits, by halving; all of them when none does. */
async function fewest(most: number, fits: (count: number) => Promise<boolean>): Promise<number> {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (await fits(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
