import { z } from "zod";
import { onlyAbsent, onlyValue } from "./not-supported.ts";
import { finishReason, samplingFields, usage } from "./sampling.ts";

const tokenIds = z
  .array(
    z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  )
  .min(1);

/** Body of `POST /v1/completions`. */
export const completionRequest = z.strictObject({
  model: z.string().min(1).max(300),
  /** A text, the token ids of one, or a list with exactly one of either. */
  prompt: z.union([z.string().min(1), tokenIds, z.tuple([z.string().min(1)]), z.tuple([tokenIds])], {
    error:
      "must be one text or the token ids of one; several prompts in one request are not supported by this server",
  }),
  ...samplingFields,
  max_tokens: z.int().min(1).max(10_000_000).nullish(),

  best_of: onlyValue(1),
  echo: onlyValue(false),
  logprobs: onlyAbsent(),
  n: onlyValue(1),
  suffix: onlyValue(""),
});
export type CompletionRequest = z.infer<typeof completionRequest>;

const choice = z.object({
  index: z.int(),
  text: z.string(),
  logprobs: z.null(),
  finish_reason: finishReason,
});

export const completion = z.object({
  id: z.string(),
  object: z.literal("text_completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(choice),
  usage: usage.optional(),
  system_fingerprint: z.string(),
});
export type Completion = z.infer<typeof completion>;

/** One server-sent event of a streamed completion. */
export const completionChunk = completion.extend({
  choices: z.array(choice.extend({ finish_reason: finishReason.nullable() })),
  usage: usage.nullable().optional(),
});
export type CompletionChunk = z.infer<typeof completionChunk>;
