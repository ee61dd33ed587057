import { z } from "zod";
import { hearthFields } from "./hearth-fields.ts";
import { onlyValue } from "./not-supported.ts";
import { finishReason, mostChoices, samplingFields, usage } from "./sampling.ts";
import { text } from "./text.ts";

export const tokenIds = z
  .array(
    z
      .int()
      .min(0)
      .max(2 ** 31 - 1),
  )
  .min(1);

/** Prompts of one request. */
const mostPrompts = 2048;

/** Body of `POST /v1/completions`. */
export const completionRequest = z.strictObject({
  model: z.string().min(1).max(300),
  /** A text, the token ids of one, or a list of either. */
  prompt: z.union(
    [
      text().min(1),
      tokenIds,
      z.array(text().min(1)).min(1).max(mostPrompts),
      z.array(tokenIds).min(1).max(mostPrompts),
    ],
    {
      error: `must be one text of whole characters or the token ids of one, or a list of up to ${mostPrompts} of either, none of them empty`,
    },
  ),
  ...samplingFields,
  /** Default 16. 0 only with `echo`: nothing but the prompt comes back. */
  max_tokens: z.int().min(0).max(10_000_000).nullish(),
  /** So many answers are made and the `n` likeliest by token are given; not with `stream`. */
  best_of: z.int().min(1).max(mostChoices).nullish(),
  /** The prompt comes before the answer, with `logprobs` its tokens' too. */
  echo: z.boolean().nullish(),
  /** Alternatives with each token's log probability. */
  logprobs: z.int().min(0).max(5).nullish(),
  n: z.int().min(1).max(mostChoices).nullish(),
  ...hearthFields,

  suffix: onlyValue(""),
});
export type CompletionRequest = z.infer<typeof completionRequest>;

/** One entry a token in each list. A token that is no whole character shows as `bytes:\xe2\x80`. */
export const completionLogprobs = z.object({
  tokens: z.array(z.string()),
  /** Natural logarithms; null for the prompt's first token, −9999 for one that could not have come. */
  token_logprobs: z.array(z.number().nullable()),
  /** The token itself is always among them. */
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()),
  /** Where the token begins, in characters (Unicode code points) of the choice's text. */
  text_offset: z.array(z.int()),
});
export type CompletionLogprobs = z.infer<typeof completionLogprobs>;

const choice = z.object({
  /** Of prompt p (from 0) and its answer i: p · n + i. */
  index: z.int(),
  text: z.string(),
  logprobs: completionLogprobs.nullable(),
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
