import type { Usage } from "@hearth/wire/openai/sampling";
import type { ChoiceEvent } from "./choices.ts";

/** Adds up the tokens of a request's answers. A prompt counts once, by the first of its answers. */
export class UsageCount {
  readonly #answersPerPrompt: number;
  #prompt = 0;
  #cached = 0;
  #told = true;
  #completion = 0;
  #reasoning = 0;

  constructor(answersPerPrompt: number) {
    this.#answersPerPrompt = answersPerPrompt;
  }

  add({ index, answer, event }: ChoiceEvent): void {
    if (event.type === "done") {
      // Another server counts a prompt at the end of its answer, or never.
      if (index % this.#answersPerPrompt === 0) {
        this.#told &&= answer.promptTokens !== null;
        this.#prompt += answer.promptTokens ?? 0;
        this.#cached += answer.cachedTokens ?? 0;
      }
      this.#completion += event.completionTokens;
      this.#reasoning += event.reasoningTokens;
    }
  }

  /** Undefined when another server did not count: a number of ours would be made up. */
  get usage(): Usage | undefined {
    if (!this.#told) return undefined;
    return {
      prompt_tokens: this.#prompt,
      completion_tokens: this.#completion,
      total_tokens: this.#prompt + this.#completion,
      prompt_tokens_details: { cached_tokens: this.#cached },
      completion_tokens_details: { reasoning_tokens: this.#reasoning },
    };
  }
}
