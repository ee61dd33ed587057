import { z } from "zod";
import { text } from "./text.ts";

export const finishReason = z.enum(["stop", "length", "tool_calls"]);

/** At most four strings that end the answer; they are not part of it. */
export const stopStrings = z
  .union([text().min(1).max(1000), z.array(text().min(1).max(1000)).max(4)], {
    error: "must be a string of 1 to 1000 characters or a list of at most 4 of them",
  })
  .nullish();

/** Token id → value added to its logit, from −100 (never) to 100. */
export const logitBias = z
  .record(z.string().regex(/^\d{1,9}$/, "keys must be token ids"), z.number().min(-100).max(100))
  .refine((bias) => Object.keys(bias).length <= 1024, "must name at most 1024 tokens")
  .nullish();

export const streamOptions = z
  .strictObject({
    /** A last chunk with the token counts before `[DONE]`. */
    include_usage: z.boolean().nullish(),
    include_obfuscation: z
      .literal(false, { error: "is not supported by this server; leave it out or send false" })
      .nullish(),
  })
  .nullish();

/** Answers to one prompt; each is decoded for itself. */
export const mostChoices = 16;

/** Sampling fields that chat completions and completions share; null means "not given". */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  /** 0 keeps only the likeliest token. */
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z
    .int()
    .min(0)
    .max(1_000_000)
    .nullish()
    .describe("Hearth's own. Only so many of the likeliest tokens are drawn from; 0 (the default): all."),
  min_p: z
    .number()
    .min(0)
    .max(1)
    .nullish()
    .describe(
      "Hearth's own. Tokens less likely than this share of the likeliest one are left out; 0 (the default): none.",
    ),
  seed: z
    .int()
    .nullish()
    .describe(
      "The same seed and system_fingerprint give the same answer. Taken modulo 2^32 − 1. Of several answers to one prompt, number i (from 0) gets seed + i.",
    ),
  stop: stopStrings,
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  repetition_penalty: z
    .number()
    .gt(0)
    .max(10)
    .nullish()
    .describe(
      "Hearth's own. Divides the logit of every token that was generated; 1 (the default) changes nothing, above 1 makes repetition less likely.",
    ),
  logit_bias: logitBias,
  stream: z.boolean().nullish(),
  stream_options: streamOptions,
  /** The caller's own name for its end user; kept in the log of the request. */
  user: z.string().max(512).nullish(),
};

export const usage = z.object({
  /** A prompt counts once, however many answers it gets. */
  prompt_tokens: z.int(),
  /** Of all answers, the reasoning included. */
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int() }),
  completion_tokens_details: z.object({ reasoning_tokens: z.int() }),
});
export type Usage = z.infer<typeof usage>;
