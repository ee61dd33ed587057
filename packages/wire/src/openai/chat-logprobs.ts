import { z } from "zod";

const tokenLogprob = z.object({
  token: z.string(),
  /** Natural logarithm; −9999 stands for a token that could not have come. */
  logprob: z.number(),
  /** UTF-8 of what the token adds; half a character where `token` shows U+FFFD. */
  bytes: z.array(z.int()).nullable(),
});

/** Log probabilities of an answer's tokens, the reasoning's and the tool calls' included. */
export const chatLogprobs = z.object({
  content: z.array(tokenLogprob.extend({ top_logprobs: z.array(tokenLogprob) })),
  refusal: z.null(),
});
export type ChatLogprobs = z.infer<typeof chatLogprobs>;
