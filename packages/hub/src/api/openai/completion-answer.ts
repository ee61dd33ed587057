import type { Completion, CompletionChunk, CompletionRequest } from "@hearth/wire/openai/completion";
import type { Usage } from "@hearth/wire/openai/sampling";
import type { Answer } from "../services.ts";
import { identityOf } from "./answer.ts";
import type { Choices } from "./choices.ts";
import type { WholeChoice } from "./collect-choices.ts";
import { CompletionLogprobWriter } from "./completion-logprobs.ts";
import type { CompletionPrompt } from "./completion-prompts.ts";
import { isGiven } from "./refuse.ts";
import type { ChunkWriter } from "./stream.ts";
import { lossyText } from "./token-text.ts";

/** How choices are shown: what comes with the text, and whether the answer itself is. */
export class CompletionView {
  readonly logprobs: boolean;
  readonly onlyPrompt: boolean;
  readonly #echo: boolean;

  constructor({ echo, logprobs, max_tokens: maxTokens }: CompletionRequest) {
    this.#echo = echo === true;
    this.logprobs = isGiven(logprobs);
    this.onlyPrompt = this.#echo && maxTokens === 0;
  }

  /** What comes before the answer. */
  echoOf(answer: Answer, prompt: CompletionPrompt | undefined): string {
    if (!this.#echo) return "";
    if (prompt?.kind === "text") return prompt.text;
    return lossyText((answer.promptLogprobs ?? []).flatMap(({ bytes }) => bytes));
  }

  promptLogprobs(answer: Answer) {
    return this.#echo ? (answer.promptLogprobs ?? []) : [];
  }

  /** Token counts without an answer that nobody asked for. */
  usage(usage: Usage): Usage {
    if (!this.onlyPrompt) return usage;
    return {
      ...usage,
      completion_tokens: 0,
      total_tokens: usage.prompt_tokens,
      completion_tokens_details: { reasoning_tokens: 0 },
    };
  }
}

/** Whole answers as one completion; `promptOf` gives the prompt of a choice. */
export function completionOf(
  { first }: Choices,
  { choices, usage }: { choices: readonly WholeChoice[]; usage: Usage | undefined },
  view: CompletionView,
  promptOf: (index: number) => CompletionPrompt | undefined,
): Completion {
  return {
    ...identityOf(first, "cmpl"),
    object: "text_completion",
    choices: choices.map((choice, index) => {
      const tokens = [...view.promptLogprobs(choice.answer), ...(view.onlyPrompt ? [] : choice.logprobs)];
      const echo = view.echoOf(choice.answer, promptOf(index));
      return {
        index,
        text: view.onlyPrompt ? echo : echo + choice.text,
        logprobs: view.logprobs ? new CompletionLogprobWriter().write(tokens) : null,
        finish_reason: view.onlyPrompt ? "length" : choice.done.finishReason,
      };
    }),
    ...(usage === undefined ? {} : { usage: view.usage(usage) }),
  };
}

/** Answers as chunks of one streamed completion. */
export function completionChunks(
  { first }: Choices,
  view: CompletionView,
  promptOf: (index: number) => CompletionPrompt | undefined,
): ChunkWriter {
  const identity = { ...identityOf(first, "cmpl"), object: "text_completion" as const };
  const writers = new Map<number, CompletionLogprobWriter>();
  const logprobs = (index: number, tokens: Parameters<CompletionLogprobWriter["write"]>[0]) => {
    if (!view.logprobs || tokens.length === 0) return null;
    const writer = writers.get(index) ?? new CompletionLogprobWriter();
    writers.set(index, writer);
    return writer.write(tokens);
  };
  type Choice = CompletionChunk["choices"][number];
  const chunk = (choice: Pick<Choice, "index"> & Partial<Choice>): CompletionChunk => ({
    ...identity,
    choices: [{ text: "", logprobs: null, finish_reason: null, ...choice }],
  });
  return {
    started: (index, answer) => {
      const text = view.echoOf(answer, promptOf(index));
      const scored = logprobs(index, view.promptLogprobs(answer));
      return text === "" && scored === null ? null : chunk({ index, text, logprobs: scored });
    },
    tokens: (index, { text, logprobs: tokens = [] }) => {
      if (view.onlyPrompt) return null;
      const scored = logprobs(index, tokens);
      return text === "" && scored === null ? null : chunk({ index, text, logprobs: scored });
    },
    done: (index, { finishReason }) =>
      chunk({ index, finish_reason: view.onlyPrompt ? "length" : finishReason }),
    usage: (usage): CompletionChunk => ({ ...identity, choices: [], usage: view.usage(usage) }),
  };
}
