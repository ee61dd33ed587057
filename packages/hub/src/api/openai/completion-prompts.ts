import type { CompletionRequest } from "@hearth/wire/openai/completion";
import type { Prompt } from "../../inference/engine.ts";

export type CompletionPrompt = Exclude<Prompt, { kind: "chat" }>;

/** A text or token ids, or a list of either. */
export function promptsOf(prompt: CompletionRequest["prompt"]): CompletionPrompt[] {
  if (typeof prompt === "string") return [{ kind: "text", text: prompt }];
  const tokens: number[] = [];
  const prompts: CompletionPrompt[] = [];
  for (const item of prompt) {
    if (typeof item === "number") tokens.push(item);
    else
      prompts.push(
        typeof item === "string" ? { kind: "text", text: item } : { kind: "tokens", tokens: item },
      );
  }
  return tokens.length > 0 ? [{ kind: "tokens", tokens }] : prompts;
}
