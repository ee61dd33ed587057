import { z } from "zod";

export const inferenceRequest = z.strictObject({
  /** A model id or reference: `name`, `name:3`, `name@alias`. */
  model_id: z.string().min(1).max(300),
  prompt: z.string().min(1),
  max_tokens: z.int().min(1).max(1_000_000).default(256),
  temperature: z.number().min(0).max(2).default(1),
  top_p: z.number().gt(0).max(1).default(1),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
});
export type InferenceRequest = z.infer<typeof inferenceRequest>;

export const inferenceResponse = z.object({
  text: z.string(),
  tokens: z.int(),
  /** Null: another server answered and did not tell. */
  prompt_tokens: z.int().nullable(),
  finish_reason: z.enum(["stop", "length", "tool_calls"]),
  latency_ms: z.number(),
  ttft_ms: z.number(),
  tokens_per_second: z.number(),
  model_version: z.string(),
  trace_id: z.string(),
});
export type InferenceResponse = z.infer<typeof inferenceResponse>;

/** SSE events of `POST /inference/stream`. */
export const inferenceTokenEvent = z.object({ text: z.string() });
export const inferenceErrorEvent = z.object({ code: z.string(), message: z.string() });

export const trace = z.object({
  id: z.string(),
  endpoint: z.string(),
  /** The model of a version, or `provider/model` of another server, which has neither version nor id. */
  model: z.string(),
  version: z.int().nullable(),
  version_id: z.string().nullable(),
  run_id: z.string().nullable(),
  artifact_sha256: z.string().nullable(),
  status: z.enum(["ok", "error", "cancelled"]),
  finish_reason: z.string().nullable(),
  error_code: z.string().nullable(),
  prompt_tokens: z.int().nullable(),
  cached_tokens: z.int().nullable(),
  completion_tokens: z.int().nullable(),
  ttft_ms: z.number().nullable(),
  latency_ms: z.number(),
  created_at: z.string(),
});
export type Trace = z.infer<typeof trace>;
