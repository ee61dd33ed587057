import { z } from "zod";
import { instant, page } from "./common.ts";

export const recipeName = z.enum(["lora", "full", "pretrain"]);
export type RecipeName = z.infer<typeof recipeName>;

export const linearName = z.enum([
  "attn_q",
  "attn_k",
  "attn_v",
  "attn_output",
  "ffn_gate",
  "ffn_up",
  "ffn_down",
]);
export type LinearName = z.infer<typeof linearName>;
export const allLinears: readonly LinearName[] = linearName.options;

/** Shape of a model trained from nothing. */
export const pretrainShape = z.strictObject({
  vocabulary: z.int().min(300).max(65_536).default(2048),
  dim: z.int().min(32).max(4096).default(192),
  layers: z.int().min(1).max(64).default(6),
  heads: z.int().min(1).max(64).default(6),
  kv_heads: z.int().min(1).max(64).default(2),
  ffn: z.int().min(32).max(16_384).default(512),
});

export const trainingParameters = z.strictObject({
  recipe: recipeName.default("lora"),
  lora_rank: z.int().min(1).max(256).default(8),
  lora_alpha: z.number().positive().max(1024).optional(),
  lora_targets: z
    .array(linearName)
    .min(1)
    .default([...linearName.options]),
  learning_rate: z.number().positive().max(1).optional(),
  epochs: z.number().positive().max(1000).default(3),
  batch_size: z.int().min(1).max(1024).default(8),
  gradient_accumulation: z.int().min(1).max(1024).default(1),
  /** Tokens a row may have; longer rows are cut. Default: the base's context, at most 512. */
  sequence_length: z.int().min(8).max(32_768).optional(),
  warmup_ratio: z.number().min(0).max(0.9).default(0.05),
  weight_decay: z.number().min(0).max(1).default(0.01),
  clip_norm: z.number().positive().max(1000).default(1),
  validation_every: z.int().min(1).max(1_000_000).optional(),
  checkpoint_every: z.int().min(1).max(1_000_000).default(100),
  /** Steps between two rounds of answers to the sample prompts; 0: none. Default: with each validation. */
  sample_steps: z.int().min(0).max(1_000_000).optional(),
  /** What the model is asked in training. Default: three rows of the validation split. */
  sample_prompts: z.array(z.string().min(1).max(2_000)).min(1).max(8).optional(),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0),
  threads: z.int().min(1).max(256).optional(),
  provider: z.enum(["auto", "cpu", "webgpu"]).default("auto"),
  /**
   * `layers`: the backward pass computes each block again instead of keeping what it computed; less
   * memory, about a third more time, the same bytes. Default: where the job would not fit otherwise.
   */
  recompute: z.enum(["none", "layers"]).optional(),
  pretrain: pretrainShape.optional(),
});
export type TrainingParameters = z.infer<typeof trainingParameters>;

export const createJobRequest = trainingParameters.extend({
  /** Id or name of a registered model. */
  model_id: z.string().min(1).max(200),
  /** Id or name of a registered dataset. */
  dataset_id: z.string().min(1).max(200),
  /** Overrides the model's `base_model` for this job. */
  base_model: z.string().max(300).optional(),
  /** Whether the run also gets how busy the machine and the trainer are, as metrics `system/…`. */
  system_metrics: z.boolean().optional(),
});
export type CreateJobRequest = z.infer<typeof createJobRequest>;

/** What a job would need, asked before it is created. */
export const estimateJobRequest = createJobRequest.extend({
  /** Absent for a model that is not registered yet. */
  model_id: z.string().min(1).max(200).optional(),
});
export type EstimateJobRequest = z.infer<typeof estimateJobRequest>;

/** References (`name:3`) of versions that a job can start from. */
export const trainingBases = z.object({ items: z.array(z.string()) });

export const jobEstimate = z.object({
  /** Null when the base's file does not tell its shape. */
  memory_bytes: z.int().nullable(),
  /** What the memory is for, in bytes; null when it is not known. */
  memory_parts: z
    .object({
      /** The trainer itself. */
      process: z.int(),
      /** Weights that are not trained, and a layer's as they are decoded. */
      base: z.int(),
      /** What is trained, its gradients and moments. */
      trained: z.int(),
      /** What the forward pass leaves for the backward pass. */
      activations: z.int(),
      /** Logits of a chunk of the loss, and their gradient. */
      loss: z.int(),
    })
    .nullable(),
  disk_bytes: z.int().nullable(),
  budget_bytes: z.int(),
  /** Of the budget, now; idle models give way to a job. */
  free_bytes: z.int(),
  /** Null for running text, which is counted when it is tokenised. */
  steps: z.int().nullable(),
  /** By what the earlier job counted; null without one. */
  tokens: z.int().nullable(),
  seconds: z.number().nullable(),
  /** What the time and the tokens come from, or why there are none. */
  time_basis: z.string(),
  /** With every default filled in. */
  parameters: trainingParameters,
});
export type JobEstimate = z.infer<typeof jobEstimate>;

export const moveJobRequest = z.strictObject({
  /** The queued job that it shall run before; null: it runs last. */
  before: z.string().max(200).nullable(),
});

export const jobLog = z.object({
  /** The last lines, the newest last. */
  lines: z.array(z.string()),
});

export const jobStatus = z.enum(["queued", "running", "completed", "failed", "cancelled"]);
export type JobStatus = z.infer<typeof jobStatus>;

export const jobProgress = z.object({
  phase: z.enum(["preparing", "training", "exporting", "verifying", "archiving"]),
  step: z.int().min(0),
  steps: z.int().min(0),
  loss: z.number().nullable(),
  first_loss: z.number().nullable(),
  validation_loss: z.number().nullable(),
  learning_rate: z.number().nullable(),
  tokens_per_second: z.number().nullable(),
  seconds_left: z.number().nullable(),
});
export type JobProgress = z.infer<typeof jobProgress>;

export const trainingJob = z.object({
  id: z.string(),
  /** `reproduce` runs the stored specification of an existing version again and compares checksums. */
  kind: z.enum(["train", "reproduce"]),
  model_id: z.string(),
  model: z.string(),
  dataset_id: z.string(),
  dataset: z.string(),
  version_id: z.string(),
  version: z.int(),
  run_id: z.string(),
  status: jobStatus,
  /** Only of a queued job: the one with the smallest is the next to run. */
  position: z.int().nullable(),
  parameters: trainingParameters,
  attempt: z.int().min(0),
  max_retries: z.int().min(0),
  progress: jobProgress.nullable(),
  /** Set when completed: sha256 of the file that the engine loads. */
  adapter_sha256: z.string().nullable(),
  /** Only of a completed `reproduce`: the same bytes as the version's? */
  identical: z.boolean().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  created_at: instant,
  started_at: instant.nullable(),
  finished_at: instant.nullable(),
});
export type TrainingJob = z.infer<typeof trainingJob>;
export const trainingJobPage = page(trainingJob);

/** What the model said to one prompt in the middle of its training, greedily and in at most 64 tokens. */
export const trainingSample = z.object({
  /** Optimizer steps that were done; 0: before the first. */
  step: z.int().min(0),
  /** Of the prompt; the same prompt has the same at every step. */
  index: z.int().min(0),
  prompt: z.string(),
  /** The row's own answer; null for a prompt that the job named. */
  expected: z.string().nullable(),
  answer: z.string(),
  /** Whether the answer came to its own end; else it was cut at 64 tokens, at the context's end or for its time. */
  complete: z.boolean(),
  /** Time that it took. */
  seconds: z.number().min(0),
});
export type TrainingSample = z.infer<typeof trainingSample>;

export const trainingSamples = z.object({
  /** By step, then by prompt. */
  samples: z.array(trainingSample),
});

/** Events of `GET /training/jobs/{id}/events`; the SSE event name is `type`. */
export const jobEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("status"), job: trainingJob }),
  z.object({ type: z.literal("progress"), progress: jobProgress }),
  z.object({ type: z.literal("log"), line: z.string() }),
  z.object({ type: z.literal("sample"), sample: trainingSample }),
]);
export type JobEvent = z.infer<typeof jobEvent>;
