import { z } from "zod";

export const finishReason = z.enum(["stop", "length", "tool_calls"]);

/** At most four strings that end the answer; they are not part of it. */
export const stopStrings = z
  .union([z.string().min(1).max(1000), z.array(z.string().min(1).max(1000)).max(4)], {
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

/** Sampling fields that chat completions and completions share; null means "not given". */
export const samplingFields = {
  temperature: z.number().min(0).max(2).nullish(),
  /** 0 keeps only the likeliest token. */
  top_p: z.number().min(0).max(1).nullish(),
  /** 0 (the default) keeps every token. */
  top_k: z.int().min(0).max(1_000_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .nullish(),
  stop: stopStrings,
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  /** 1 (the default) changes nothing; above 1 makes tokens that occurred less likely. */
  repetition_penalty: z.number().gt(0).max(10).nullish(),
  logit_bias: logitBias,
  stream: z.boolean().nullish(),
  stream_options: streamOptions,
  /** The caller's own name for its end user; kept in the log of the request. */
  user: z.string().max(512).nullish(),
};

export const usage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
  prompt_tokens_details: z.object({ cached_tokens: z.int() }),
});
export type Usage = z.infer<typeof usage>;
