import { z } from "zod";
import { reasoningEffort, templateVariables } from "../chat-request.ts";
import { hearthFields } from "../hearth-fields.ts";
import { onlyAbsent, onlyValue } from "../not-supported.ts";
import { schemaFields } from "../response-format.ts";
import { samplingFields } from "../sampling.ts";
import { freeObject, text } from "../text.ts";
import { functionName, refuseTwins } from "../tools.ts";
import { responseInput } from "./input-items.ts";

const onlyFunctions = 'is not supported by this server; only "function" is';

export const responseTool = z.strictObject({
  type: z.literal("function", { error: onlyFunctions }),
  name: functionName,
  description: text().nullish(),
  /** JSON Schema of the arguments; without it any object. */
  parameters: freeObject().nullish(),
  /** Arguments follow the schema even where the model is free to call or not. Default: false. */
  strict: z.boolean().nullish(),
  allowed_callers: onlyAbsent(),
  async: onlyValue(false),
  defer_loading: onlyValue(false),
  output_schema: onlyAbsent(),
});

const namedTool = z.strictObject({
  type: z.literal("function", { error: onlyFunctions }),
  name: functionName,
});

export const responseToolChoice = z.union(
  [
    z.enum(["none", "auto", "required"]),
    namedTool,
    z.strictObject({
      type: z.literal("allowed_tools"),
      mode: z.enum(["auto", "required"]),
      tools: z.array(namedTool).min(1).max(128),
    }),
  ],
  {
    error:
      'must be "none", "auto", "required", {"type": "function", "name": …} or {"type": "allowed_tools", …} with functions only',
  },
);

export const responseTextFormat = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("text") }),
    z.strictObject({ type: z.literal("json_object") }),
    z.strictObject({ type: z.literal("json_schema"), ...schemaFields, schema: freeObject() }),
  ],
  { error: 'must be "text", "json_object" or "json_schema"; others are not supported by this server' },
);

const metadata = z
  .record(text().min(1).max(64), text().max(512))
  .refine((pairs) => Object.keys(pairs).length <= 16, { error: "must have at most 16 entries" });

/** Body of `POST /v1/responses`. */
export const responseRequest = z.strictObject({
  model: z.string().min(1).max(300),
  input: responseInput,
  /** A system message for this answer only: it does not go on to responses that follow this one. */
  instructions: text().nullish(),
  /** The stored response that this one goes on from. */
  previous_response_id: z.string().min(1).max(256).nullish(),
  /** Default: true. Stored responses are kept for 30 days. */
  store: z.boolean().nullish(),
  metadata: metadata.nullish(),
  max_output_tokens: z.int().min(1).max(10_000_000).nullish(),
  temperature: samplingFields.temperature,
  top_p: samplingFields.top_p,
  /** Log probabilities come with `include: ["message.output_text.logprobs"]`, or where this is above 0. */
  top_logprobs: z.int().min(0).max(20).nullish(),
  include: z
    .array(
      z.literal("message.output_text.logprobs", {
        error: 'is not supported by this server; only "message.output_text.logprobs" is',
      }),
    )
    .nullish(),
  tools: z
    .array(responseTool)
    .max(128)
    .superRefine((list, context) =>
      refuseTwins(
        list.map((tool) => tool.name),
        (index) => [index, "name"],
        context,
      ),
    )
    .nullish(),
  tool_choice: responseToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.strictObject({ format: responseTextFormat.nullish(), verbosity: onlyValue("medium") }).nullish(),
  reasoning: z
    .strictObject({
      effort: reasoningEffort.nullish(),
      summary: onlyAbsent(),
      generate_summary: onlyAbsent(),
      context: onlyValue("auto"),
      mode: onlyValue("standard"),
    })
    .nullish(),
  /** auto: what is too long loses its oldest items; disabled (the default): it is refused. */
  truncation: z.enum(["auto", "disabled"]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({
      include_obfuscation: z
        .literal(false, { error: "is not supported by this server; leave it out or send false" })
        .nullish(),
    })
    .nullish(),
  user: samplingFields.user,
  top_k: samplingFields.top_k,
  min_p: samplingFields.min_p,
  seed: samplingFields.seed,
  repetition_penalty: samplingFields.repetition_penalty,
  chat_template_kwargs: templateVariables,
  adapter: hearthFields.adapter,
  keep_alive: hearthFields.keep_alive,

  access_programs: onlyAbsent(),
  background: onlyValue(false),
  context_management: onlyAbsent(),
  conversation: onlyAbsent(),
  image: onlyAbsent(),
  max_tool_calls: onlyAbsent(),
  moderation: onlyAbsent(),
  prompt: onlyAbsent(),
  prompt_cache_key: onlyAbsent(),
  prompt_cache_options: onlyAbsent(),
  prompt_cache_retention: onlyAbsent(),
  safety_identifier: onlyAbsent(),
  service_tier: onlyValue("auto", "default"),
});
export type ResponseRequest = z.infer<typeof responseRequest>;
