import { z } from "zod";
import { finishReason, usage } from "./sampling.ts";

export const chatCompletion = z.object({
  id: z.string(),
  object: z.literal("chat.completion"),
  /** Seconds since the epoch. */
  created: z.int(),
  /** The version that answered: `name:3`. */
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({ role: z.literal("assistant"), content: z.string(), refusal: z.null() }),
      logprobs: z.null(),
      finish_reason: finishReason,
    }),
  ),
  usage: usage.optional(),
  /** The checksum of what answered: the same fingerprint and seed give the same text. */
  system_fingerprint: z.string(),
});
export type ChatCompletion = z.infer<typeof chatCompletion>;

/** One server-sent event of a streamed chat completion. */
export const chatCompletionChunk = z.object({
  id: z.string(),
  object: z.literal("chat.completion.chunk"),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      delta: z.object({ role: z.literal("assistant").optional(), content: z.string().optional() }),
      logprobs: z.null(),
      finish_reason: finishReason.nullable(),
    }),
  ),
  usage: usage.nullable().optional(),
  system_fingerprint: z.string(),
});
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunk>;
