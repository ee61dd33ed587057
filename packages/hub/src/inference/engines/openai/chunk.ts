import { z } from "zod";

/** A count that a server claims; nonsense counts as not told. */
const count = z.int().min(0).max(1_000_000_000).nullish().catch(null);

const toolCall = z.object({
  index: z.int().min(0).max(1000).nullish().catch(null),
  id: z.string().max(500).nullish(),
  function: z
    .object({
      name: z.string().max(500).nullish(),
      /** Some servers send the object itself. */
      arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).nullish(),
    })
    .nullish(),
});
export type WireToolCall = z.infer<typeof toolCall>;

/** Text, or a list of parts of which those of type `text` are the text. */
const content = z
  .union([z.string(), z.array(z.object({ type: z.string(), text: z.string().nullish() }))])
  .transform((value) =>
    typeof value === "string"
      ? value
      : value.map((part) => (part.type === "text" ? (part.text ?? "") : "")).join(""),
  )
  .nullish();

const tokenLogprob = z.object({
  /** llama-server and mlx_lm tell the token's id. */
  id: z.int().min(0).nullish().catch(null),
  token: z.string().max(10_000),
  bytes: z.array(z.int().min(0).max(255)).max(10_000).nullish(),
  /** JSON has no infinity; vLLM and llama-server send a very small number for it. */
  logprob: z.number(),
});
export type WireTokenLogprob = z.infer<typeof tokenLogprob>;

const chatLogprobs = z.object({
  content: z
    .array(tokenLogprob.extend({ top_logprobs: z.array(tokenLogprob).max(200).nullish() }))
    .max(10_000)
    .nullish(),
});

const textLogprobs = z.object({
  tokens: z.array(z.string()).max(10_000),
  token_logprobs: z.array(z.number().nullable()).max(10_000),
  top_logprobs: z.array(z.record(z.string(), z.number()).nullable()).max(10_000).nullish(),
});

/** Of a delta in a stream and of a whole message. */
const message = z.object({
  content,
  refusal: z.string().nullish(),
  /** llama-server, vLLM, DeepSeek. */
  reasoning_content: z.string().nullish().catch(null),
  /** mlx_lm, Ollama, newer vLLM. */
  reasoning: z.string().nullish().catch(null),
  tool_calls: z.array(toolCall).max(1000).nullish(),
});
export type WireMessage = z.infer<typeof message>;

const choice = z.object({
  index: z.int().nullish(),
  delta: message.nullish(),
  message: message.nullish(),
  text: z.string().nullish(),
  finish_reason: z.string().max(100).nullish(),
  /** vLLM: the stop string that was met. */
  stop_reason: z.unknown().optional(),
  logprobs: z.union([chatLogprobs.required(), textLogprobs]).nullish().catch(null),
});

export const usage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: z.object({ cached_tokens: count }).nullish().catch(null),
  completion_tokens_details: z.object({ reasoning_tokens: count }).nullish().catch(null),
});

/**
 * One event of a stream, or a whole answer, as servers really send them: fields that nobody needs are not looked
 * at, and of those that are needed any may be null or absent.
 */
export const wireChunk = z.object({
  choices: z.array(choice).max(128).nullish(),
  usage: usage.nullish().catch(null),
});
export type WireChunk = z.infer<typeof wireChunk>;
export type WireChoice = NonNullable<WireChunk["choices"]>[number];
