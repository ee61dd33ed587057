import type { Usage } from "@hearth/wire/openai/sampling";
import type { ChoiceEvent } from "./choices.ts";

/** Adds up the tokens of a request's answers. A prompt counts once, by the first of its answers. */
export class UsageCount {
  readonly #answersPerPrompt: number;
  #prompt = 0;
  #cached = 0;
  #completion = 0;
  #reasoning = 0;

  constructor(answersPerPrompt: number) {
    this.#answersPerPrompt = answersPerPrompt;
  }

  add({ index, answer, event }: ChoiceEvent): void {
    if (event.type === "started" && index % this.#answersPerPrompt === 0) {
      this.#prompt += answer.promptTokens;
      this.#cached += answer.cachedTokens;
    }
    if (event.type === "done") {
      this.#completion += event.completionTokens;
      this.#reasoning += event.reasoningTokens;
    }
  }

  get usage(): Usage {
    return {
      prompt_tokens: this.#prompt,
      completion_tokens: this.#completion,
      total_tokens: this.#prompt + this.#completion,
      prompt_tokens_details: { cached_tokens: this.#cached },
      completion_tokens_details: { reasoning_tokens: this.#reasoning },
    };
  }
}
