import type { ChatCompletionRequest } from "@hearth/wire/openai/chat-request";
import type { CompletionRequest } from "@hearth/wire/openai/completion";
import type { Sampling } from "../../inference/engine.ts";

/**
 * OpenAI's sampling fields with OpenAI's defaults. `top_p: 0` keeps only the likeliest token,
 * which is what temperature 0 means to the engine.
 */
export function samplingOf(body: ChatCompletionRequest | CompletionRequest): Sampling {
  const topP = body.top_p ?? 1;
  return {
    temperature: topP === 0 ? 0 : (body.temperature ?? 1),
    topP: topP === 0 ? 1 : topP,
    topK: body.top_k ?? 0,
    minP: body.min_p ?? 0,
    seed: body.seed ?? null,
    frequencyPenalty: body.frequency_penalty ?? 0,
    presencePenalty: body.presence_penalty ?? 0,
    repetitionPenalty: body.repetition_penalty ?? 1,
    logitBias: new Map(Object.entries(body.logit_bias ?? {}).map(([id, bias]) => [Number(id), bias])),
  };
}

export function stopStringsOf(stop: string | string[] | null | undefined): string[] {
  if (typeof stop === "string") return [stop];
  return stop ?? [];
}
