import { z } from "zod";
import { tokenIds } from "./completion.ts";
import { hearthFields } from "./hearth-fields.ts";
import { text } from "./text.ts";

/** OpenAI's own limit of one request. */
const mostInputs = 2048;

/** Body of `POST /v1/embeddings`. */
export const embeddingRequest = z.strictObject({
  model: z.string().min(1).max(300),
  /** A text, the token ids of one, or a list of either. */
  input: z.union(
    [
      text().min(1),
      tokenIds,
      z.array(text().min(1)).min(1).max(mostInputs),
      z.array(tokenIds).min(1).max(mostInputs),
    ],
    {
      error: `must be one text of whole characters or the token ids of one, or a list of up to ${mostInputs} of either, none of them empty`,
    },
  ),
  /** base64: little-endian 32-bit floats. Default: float. */
  encoding_format: z.enum(["float", "base64"]).nullish(),
  /** Only the first so many numbers, brought to length 1 again; of use with models that were trained for it. Default: all. */
  dimensions: z.int().min(1).max(1_000_000).nullish(),
  /** The caller's own name for its end user; kept in the log of the request. */
  user: z.string().max(512).nullish(),
  adapter: hearthFields.adapter,
  keep_alive: hearthFields.keep_alive,
});
export type EmbeddingRequest = z.infer<typeof embeddingRequest>;

export const embeddingList = z.object({
  object: z.literal("list"),
  data: z.array(
    z.object({
      object: z.literal("embedding"),
      index: z.int(),
      /** Of length 1: the inner product of two is the cosine of their angle. */
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  /** The version that answered: `name:3`. */
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
});
export type EmbeddingList = z.infer<typeof embeddingList>;
