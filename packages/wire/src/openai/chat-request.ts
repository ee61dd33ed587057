import { z } from "zod";
import { chatMessage } from "./chat-messages.ts";
import { hearthFields } from "./hearth-fields.ts";
import { onlyAbsent, onlyEmptyList, onlyEmptyObject, onlyValue } from "./not-supported.ts";
import { responseFormat } from "./response-format.ts";
import { mostChoices, samplingFields } from "./sampling.ts";
import { freeObject } from "./text.ts";
import { toolChoice, tools } from "./tools.ts";

export const reasoningEffort = z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
export type ReasoningEffort = z.infer<typeof reasoningEffort>;

/** What the hub itself tells the template; the caller's variables may not stand in for it. */
const hubsOwn = ["messages", "tools", "add_generation_prompt", "bos_token", "eos_token"];

export const templateVariables = freeObject()
  .refine((variables) => !hubsOwn.some((name) => Object.hasOwn(variables, name)), {
    error: `must not set ${hubsOwn.join(", ")}; the request's own fields do`,
  })
  .nullish()
  .describe(
    "Hearth's own (as in vLLM). Further variables of the model's chat template, such as `enable_thinking`.",
  );

/** Body of `POST /v1/chat/completions`. */
export const chatCompletionRequest = z.strictObject({
  model: z.string().min(1).max(300),
  messages: z.array(chatMessage).min(1).max(10_000),
  ...samplingFields,
  /** Default: as many as the context holds. */
  max_completion_tokens: z.int().min(1).max(10_000_000).nullish(),
  /** Older name of max_completion_tokens; give one of the two. */
  max_tokens: z.int().min(1).max(10_000_000).nullish(),
  /** Answers to make; they come as `choices`, in a stream mixed. */
  n: z.int().min(1).max(mostChoices).nullish(),
  logprobs: z.boolean().nullish(),
  /** Alternatives with each token; needs `logprobs`. */
  top_logprobs: z.int().min(0).max(20).nullish(),
  tools,
  /** Default: auto where there are tools. Functions that `allowed_tools` leaves out are not shown to the model. */
  tool_choice: toolChoice,
  /** false: at most one call. Default: true. */
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat,
  reasoning_effort: reasoningEffort
    .nullish()
    .describe(
      "For models whose chat template takes it: `none` sets its variable `enable_thinking` to false, the others set `reasoning_effort`. Where the template reads no such variable it is refused, but for `none` with a model that does not think.",
    ),
  chat_template_kwargs: templateVariables,
  ...hearthFields,

  audio: onlyAbsent(),
  function_call: onlyValue("none"),
  functions: onlyEmptyList(),
  metadata: onlyEmptyObject(),
  modalities: z
    .array(z.literal("text", { error: 'is not supported by this server; only "text" is' }))
    .max(1)
    .nullish(),
  moderation: onlyAbsent(),
  prediction: onlyAbsent(),
  prompt_cache_key: onlyAbsent(),
  prompt_cache_options: onlyAbsent(),
  prompt_cache_retention: onlyAbsent(),
  safety_identifier: onlyAbsent(),
  service_tier: onlyValue("auto", "default"),
  store: onlyValue(false),
  verbosity: onlyValue("medium"),
  web_search_options: onlyAbsent(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequest>;
