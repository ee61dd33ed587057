import { z } from "zod";
import { chatLogprobs } from "./chat-logprobs.ts";
import { finishReason, usage } from "./sampling.ts";
import { toolCall, toolCallDelta } from "./tools.ts";

export const assistantAnswer = z.object({
  role: z.literal("assistant"),
  /** Null where there are only calls of tools. */
  content: z.string().nullable(),
  refusal: z.null(),
  /** What a thinking model thought before its answer; the field's name is that of DeepSeek's API. */
  reasoning_content: z.string().optional(),
  tool_calls: z.array(toolCall).optional(),
});
export type AssistantAnswer = z.infer<typeof assistantAnswer>;

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
      message: assistantAnswer,
      logprobs: chatLogprobs.nullable(),
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
      delta: z.object({
        role: z.literal("assistant").optional(),
        content: z.string().optional(),
        reasoning_content: z.string().optional(),
        tool_calls: z.array(toolCallDelta).optional(),
      }),
      logprobs: chatLogprobs.nullable(),
      finish_reason: finishReason.nullable(),
    }),
  ),
  usage: usage.nullable().optional(),
  system_fingerprint: z.string(),
});
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunk>;
