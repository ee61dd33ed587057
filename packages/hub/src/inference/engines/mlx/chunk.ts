import { z } from "zod";

const count = z.int().min(0).max(1e9);
const token = z.object({
  id: count,
  bytes: z.array(z.int().min(0).max(255)).max(10_000),
  logprob: z.number(),
});

/** One event of mlx_lm.server's stream; text completions have `text`, chats a `delta`. */
export const chunk = z.object({
  choices: z
    .array(
      z.object({
        text: z.string().nullish(),
        delta: z
          .object({
            content: z.string().nullish(),
            reasoning: z.string().nullish(),
            tool_calls: z
              .array(
                z.object({
                  id: z.string().max(500),
                  function: z.object({ name: z.string().max(500), arguments: z.string() }),
                }),
              )
              .max(1000)
              .nullish(),
          })
          .nullish(),
        finish_reason: z.enum(["stop", "length", "tool_calls"]).nullish(),
      }),
    )
    .max(1),
  usage: z
    .object({
      prompt_tokens: count,
      completion_tokens: count,
      prompt_tokens_details: z.object({ cached_tokens: count }).nullish(),
    })
    .nullish(),
  /** Ours, see serve.py. */
  hearth: z
    .object({
      prompt_tokens: count,
      cached_tokens: count,
      ids: z.array(count),
      logprobs: z.array(token.extend({ top: z.array(token) })).nullish(),
    })
    .nullish(),
});
export type Chunk = z.infer<typeof chunk>;
