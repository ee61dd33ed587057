import { z } from "zod";
import { onlyAbsent, onlyEmptyList, onlyEmptyObject, onlyValue } from "./not-supported.ts";
import { samplingFields } from "./sampling.ts";

const textPart = z.strictObject({
  type: z.literal("text", { error: 'only parts of type "text" are supported by this server' }),
  text: z.string(),
});

/** Plain text, or a list of text parts that are joined in order. */
const content = z.union([z.string(), z.array(textPart).min(1)], {
  error: 'must be a string or a list of parts of type "text"',
});

const plainMessage = (role: "system" | "developer" | "user") =>
  z.strictObject({ role: z.literal(role), content, name: onlyAbsent() });

/** What an earlier answer looks like when a client sends it back; only its text is used. */
const assistantMessage = z.strictObject({
  role: z.literal("assistant"),
  content,
  name: onlyAbsent(),
  refusal: onlyAbsent(),
  audio: onlyAbsent(),
  annotations: onlyEmptyList(),
  tool_calls: onlyEmptyList(),
  function_call: onlyAbsent(),
});

export const chatMessage = z.discriminatedUnion(
  "role",
  [plainMessage("system"), plainMessage("developer"), plainMessage("user"), assistantMessage],
  { error: 'must be one of "system", "developer", "user", "assistant"' },
);
export type ChatRequestMessage = z.infer<typeof chatMessage>;

/** Body of `POST /v1/chat/completions`. */
export const chatCompletionRequest = z.strictObject({
  model: z.string().min(1).max(300),
  messages: z.array(chatMessage).min(1).max(10_000),
  ...samplingFields,
  /** Default: as many as the context holds. */
  max_completion_tokens: z.int().min(1).max(10_000_000).nullish(),
  /** Older name of max_completion_tokens; give one of the two. */
  max_tokens: z.int().min(1).max(10_000_000).nullish(),

  audio: onlyAbsent(),
  function_call: onlyValue("none"),
  functions: onlyEmptyList(),
  logprobs: onlyValue(false),
  metadata: onlyEmptyObject(),
  modalities: z
    .array(z.literal("text", { error: 'is not supported by this server; only "text" is' }))
    .max(1)
    .nullish(),
  moderation: onlyAbsent(),
  n: onlyValue(1),
  parallel_tool_calls: onlyValue(true, false),
  prediction: onlyAbsent(),
  prompt_cache_key: onlyAbsent(),
  prompt_cache_options: onlyAbsent(),
  prompt_cache_retention: onlyAbsent(),
  reasoning_effort: onlyValue("none"),
  response_format: z
    .strictObject({
      type: z.literal("text", { error: 'is not supported by this server; only "text" is' }),
    })
    .nullish(),
  safety_identifier: onlyAbsent(),
  service_tier: onlyValue("auto", "default"),
  store: onlyValue(false),
  tool_choice: onlyValue("none", "auto"),
  tools: onlyEmptyList(),
  top_logprobs: onlyValue(0),
  verbosity: onlyValue("medium"),
  web_search_options: onlyAbsent(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;
