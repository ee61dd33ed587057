import type { GenerateRequest } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import { Answer } from "./answer.ts";
import { Generation } from "./generation.ts";
import type { LogprobReader } from "./logprob-reader.ts";
import { LogprobWatch } from "./logprob-watch.ts";
import type { LoadedLlama } from "./model.ts";
import { evaluateOptions, mostLogprobs } from "./sampling.ts";
import type { Slot } from "./slot.ts";

/** A request that can be answered and waits for a slot. */
export interface Waiting {
  request: GenerateRequest;
  prompt: number[];
  /** Most tokens to generate. */
  limit: number;
  /** When it came, in milliseconds of `performance.now`. */
  since: number;
}

/**
 * Makes tokens of a request and checks it.
 * Errors: InvalidRequest naming the field, with both lengths where a prompt is too long.
 */
export function readRequest(model: LoadedLlama, request: GenerateRequest): Waiting {
  const prompt = model.prompts.read(request.prompt);
  requireFitting(model, request, prompt.length);
  for (const count of [request.logprobs ?? 0, request.promptLogprobs ?? 0]) {
    if (Number.isInteger(count) && count >= 0 && count <= mostLogprobs) continue;
    throw new InvalidRequest(
      `Between 0 and ${mostLogprobs} alternatives can come with a token; ${count} were asked for.`,
      { field: "logprobs", most: mostLogprobs },
    );
  }
  const limit = Math.min(
    request.maxTokens ?? Number.MAX_SAFE_INTEGER,
    // A sequence holds all tokens but the last one, which is never put in.
    model.contextSize - prompt.length,
  );
  return { request, prompt, limit, since: performance.now() };
}

function requireFitting({ contextSize }: LoadedLlama, { prompt }: GenerateRequest, length: number): void {
  if (length < contextSize) return;
  throw new InvalidRequest(
    `The prompt is ${length} tokens long and the context of this model holds ${contextSize}, the answer included. Shorten the prompt.`,
    {
      field: prompt.kind === "chat" ? "messages" : "prompt",
      prompt_tokens: length,
      context_size: contextSize,
    },
  );
}

/** Gives a slot to a request. Errors: InvalidRequest for a bias that cannot be. */
export function place(waiting: Waiting, slot: Slot, model: LoadedLlama): Generation {
  const { request, prompt, limit, since } = waiting;
  const generated: number[] = [];
  const options = evaluateOptions(request.sampling, {
    generated,
    limit,
    vocabulary: model.vocabulary.size,
    newBias: model.newBias,
    endsTurn: model.endsTurn,
  });
  const answer = new Answer(limit, request.stop);
  const watch = watchFor(request, prompt, model);
  slot.busy = true;
  return new Generation({ id: request.id, prompt, since, options, generated, answer, watch }, slot);
}

function watchFor(
  { logprobs = null, promptLogprobs = null }: GenerateRequest,
  prompt: readonly number[],
  model: LoadedLlama,
): LogprobWatch | null {
  if (logprobs === null && promptLogprobs === null) return null;
  const reader = (count: number | null): LogprobReader | null =>
    count === null ? null : model.logprobReader(count);
  return new LogprobWatch(prompt, { prompt: reader(promptLogprobs), generated: reader(logprobs) });
}
