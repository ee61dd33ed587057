import { z } from "zod";
import { chatLogprobs } from "../chat-logprobs.ts";
import { reasoningEffort } from "../chat-request.ts";

const itemStatus = z.enum(["in_progress", "completed", "incomplete"]);

export const outputTextPart = z.object({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(z.never()),
  logprobs: chatLogprobs.shape.content,
});
export type OutputTextPart = z.infer<typeof outputTextPart>;

export const outputMessage = z.object({
  id: z.string(),
  type: z.literal("message"),
  status: itemStatus,
  role: z.literal("assistant"),
  content: z.array(outputTextPart),
});
export type OutputMessage = z.infer<typeof outputMessage>;

export const reasoningPart = z.object({ type: z.literal("reasoning_text"), text: z.string() });
export type ReasoningPart = z.infer<typeof reasoningPart>;

export const outputReasoning = z.object({
  id: z.string(),
  type: z.literal("reasoning"),
  status: itemStatus,
  /** Always empty: the reasoning itself is in `content`. */
  summary: z.array(z.never()),
  content: z.array(reasoningPart),
});
export type OutputReasoning = z.infer<typeof outputReasoning>;

export const outputCall = z.object({
  id: z.string(),
  type: z.literal("function_call"),
  status: itemStatus,
  call_id: z.string(),
  name: z.string(),
  /** JSON text, as the model wrote it. */
  arguments: z.string(),
});
export type OutputCall = z.infer<typeof outputCall>;

export const outputItem = z.discriminatedUnion("type", [outputMessage, outputReasoning, outputCall]);
export type OutputItem = z.infer<typeof outputItem>;

export const responseUsage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
});
export type ResponseUsage = z.infer<typeof responseUsage>;

const formatName = { name: z.string(), description: z.string().nullable(), strict: z.boolean() };

/** An answer of `POST /v1/responses`; what was asked is part of it. */
export const responseObject = z.object({
  /** `resp_` and the digits of the answer's trace. */
  id: z.string(),
  object: z.literal("response"),
  /** Seconds since the epoch. */
  created_at: z.int(),
  completed_at: z.int().nullable(),
  status: z.enum(["in_progress", "completed", "incomplete", "failed"]),
  background: z.literal(false),
  error: z.object({ code: z.literal("server_error"), message: z.string() }).nullable(),
  incomplete_details: z.object({ reason: z.literal("max_output_tokens") }).nullable(),
  instructions: z.string().nullable(),
  max_output_tokens: z.int().nullable(),
  max_tool_calls: z.null(),
  metadata: z.record(z.string(), z.string()),
  /** The version that answered: `name:3`. */
  model: z.string(),
  output: z.array(outputItem),
  parallel_tool_calls: z.boolean(),
  previous_response_id: z.string().nullable(),
  reasoning: z.object({ effort: reasoningEffort.nullable(), summary: z.null() }),
  service_tier: z.literal("default"),
  store: z.boolean(),
  temperature: z.number(),
  text: z.object({
    format: z.discriminatedUnion("type", [
      z.object({ type: z.literal("text") }),
      z.object({ type: z.literal("json_object") }),
      z.object({
        type: z.literal("json_schema"),
        ...formatName,
        schema: z.record(z.string(), z.unknown()),
      }),
    ]),
    verbosity: z.literal("medium"),
  }),
  tool_choice: z.union([z.string(), z.record(z.string(), z.unknown())]),
  tools: z.array(
    z.object({
      type: z.literal("function"),
      name: z.string(),
      description: z.string().nullable(),
      parameters: z.record(z.string(), z.unknown()).nullable(),
      strict: z.boolean(),
    }),
  ),
  top_logprobs: z.int(),
  top_p: z.number(),
  truncation: z.enum(["auto", "disabled"]),
  usage: responseUsage.nullable(),
  user: z.string().nullable(),
});
export type ResponseObject = z.infer<typeof responseObject>;

export const deletedResponse = z.object({
  id: z.string(),
  object: z.literal("response"),
  deleted: z.literal(true),
});
