import { splitName } from "@hearth/wire/hub/datasets";
import { z } from "zod";

/** What the process that counts tokens is asked: the rows of these files as tokens of the model in `model`. */
export const tokensCommand = z.strictObject({
  /** A GGUF file. */
  model: z.string(),
  files: z.array(z.strictObject({ split: splitName, path: z.string() })).min(1),
});
export type TokensCommand = z.infer<typeof tokensCommand>;

/** How long the rows are, without regard to a sequence length. */
export const countedTokens = z.object({
  splits: z.array(
    z.object({
      split: splitName,
      /** Pairs of a length and how many rows have it, ascending. */
      lengths: z.array(z.tuple([z.int(), z.int()])),
      learned: z.int(),
      unlearnable: z.int(),
    }),
  ),
  /** The first row that a job would fail of, in its words. */
  problem: z.string().nullable(),
});
export type CountedTokens = z.infer<typeof countedTokens>;
