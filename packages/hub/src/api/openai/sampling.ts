import type { ChatCompletionRequest } from "@hearth/wire/openai/chat-request";
import type { CompletionRequest } from "@hearth/wire/openai/completion";
import type { Sampling } from "../../inference/engine.ts";

type SamplingBody = Partial<
  Pick<
    ChatCompletionRequest | CompletionRequest,
    | "temperature"
    | "top_p"
    | "top_k"
    | "min_p"
    | "seed"
    | "frequency_penalty"
    | "presence_penalty"
    | "repetition_penalty"
    | "logit_bias"
  >
>;

/**
 * OpenAI's sampling fields with OpenAI's defaults. `top_p: 0` keeps only the likeliest token,
 * which is what temperature 0 means to the engine.
 */
export function samplingOf(body: SamplingBody): Sampling {
  const topP = body.top_p ?? 1;
  return {
    temperature: topP === 0 ? 0 : (body.temperature ?? 1),
    topP: topP === 0 ? 1 : topP,
    topK: body.top_k ?? 0,
    minP: body.min_p ?? 0,
    seed: typeof body.seed === "number" ? seedOf(body.seed) : null,
    frequencyPenalty: body.frequency_penalty ?? 0,
    presencePenalty: body.presence_penalty ?? 0,
    repetitionPenalty: body.repetition_penalty ?? 1,
    logitBias: new Map(Object.entries(body.logit_bias ?? {}).map(([id, bias]) => [Number(id), bias])),
  };
}

/** The same for the answer of this number to one prompt: each has a seed of its own. */
export function samplingOfChoice(sampling: Sampling, number: number): Sampling {
  return sampling.seed === null || number === 0
    ? sampling
    : { ...sampling, seed: seedOf(sampling.seed + number) };
}

/** OpenAI's seeds have 64 bits and a sign, the engines' 32 bits, of which llama.cpp takes the last to mean "any". */
const seeds = 2n ** 32n - 1n;

function seedOf(seed: number): number {
  return Number(((BigInt(seed) % seeds) + seeds) % seeds);
}

export function stopStringsOf(stop: string | string[] | null | undefined): string[] {
  if (typeof stop === "string") return [stop];
  return stop ?? [];
}
