import { z } from "zod";
import { instant, page, pageQuery } from "./common.ts";
import { reproduction } from "./reproduction.ts";
import { jobGuard, jobPriority } from "./training-queue.ts";

export const recipeName = z.enum(["lora", "full", "pretrain"]);
export type RecipeName = z.infer<typeof recipeName>;

/** What computes a training; each reads its own formats of bases. */
export const trainerName = z.enum(["onnx", "mlx"]);
export type TrainerName = z.infer<typeof trainerName>;

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
  /** What computes it; `auto` is the best that can do so here, which the job then names with the reason. */
  trainer: z.enum(["auto", ...trainerName.options]).default("auto"),
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
  /** Puts several short rows into one sequence, where none sees another; a step still learns from about `batch_size` rows. Default: no. */
  packing: z.boolean().optional(),
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
  /** Default: `normal`. */
  priority: jobPriority.optional(),
});
export type CreateJobRequest = z.infer<typeof createJobRequest>;

/** What a job would need, asked before it is created. */
export const estimateJobRequest = createJobRequest.extend({
  /** Absent for a model that is not registered yet. */
  model_id: z.string().min(1).max(200).optional(),
});
export type EstimateJobRequest = z.infer<typeof estimateJobRequest>;

/** One way to train, and whether it can be taken on the hub's machine. */
export const trainerDescription = z.object({
  name: trainerName,
  /** For a person. */
  title: z.string(),
  available: z.boolean(),
  /** What it computes with, or why it cannot be taken here and what to do. */
  found: z.string(),
  /** Formats of the bases that it reads. */
  formats: z.array(z.enum(["gguf", "mlx"])),
  recipes: z.array(recipeName),
});
export type TrainerDescription = z.infer<typeof trainerDescription>;

/** In the order in which they are preferred. */
export const trainerDescriptions = z.object({ items: z.array(trainerDescription) });

/** References (`name:3`) of versions that a job can start from. */
export const trainingBases = z.object({ items: z.array(z.string()) });

export const jobEstimate = z.object({
  trainer: trainerName,
  /** Why this one. */
  trainer_reason: z.string(),
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
  /** What is wrong with the rows that does not keep the job from running, one sentence each. */
  warnings: z.array(z.string()),
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

/** `paused`: it keeps its place and its checkpoint, and does not run until it is resumed. */
export const jobStatus = z.enum(["queued", "paused", "running", "completed", "failed", "cancelled"]);
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

/** `reproduce` runs the stored specification of an existing version again and compares checksums. */
export const jobKind = z.enum(["train", "reproduce"]);
export type JobKind = z.infer<typeof jobKind>;

export const listJobsQuery = pageQuery.extend({
  status: jobStatus.optional(),
  kind: jobKind.optional(),
  /** Jobs of this version only, by its id. */
  version_id: z.string().max(200).optional(),
});

export const trainingJob = z.object({
  id: z.string(),
  kind: jobKind,
  model_id: z.string(),
  model: z.string(),
  dataset_id: z.string(),
  dataset: z.string(),
  version_id: z.string(),
  version: z.int(),
  run_id: z.string(),
  status: jobStatus,
  /** Only of a queued or paused job: of those of one priority the one with the smallest is the next to run. */
  position: z.int().nullable(),
  /** Higher runs first; 0 is `normal`. */
  priority: z.int(),
  /** A running job that is to be paused: it still runs until it has left its checkpoint. */
  pause_requested: z.boolean(),
  parameters: trainingParameters,
  /** The trainer that was chosen; a repetition takes the same. */
  trainer: trainerName,
  /** Why this one. */
  trainer_reason: z.string(),
  attempt: z.int().min(0),
  max_retries: z.int().min(0),
  progress: jobProgress.nullable(),
  /** Set when completed: sha256 of the file that the engine loads. */
  adapter_sha256: z.string().nullable(),
  /** Only of a completed `reproduce`: the same bytes as the version's? */
  identical: z.boolean().nullable(),
  /** Of the same: what was compared, and what the difference may come from; absent in old answers. */
  reproduction: reproduction.nullable().default(null),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** What guards did, the oldest first. */
  guards: z.array(jobGuard),
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
  z.object({ type: z.literal("guard"), guard: jobGuard }),
]);
export type JobEvent = z.infer<typeof jobEvent>;

/** The queue as a whole: what runs, what comes next in its order, and what holds it up. */
export const trainingQueue = z.object({
  paused: z.boolean(),
  /** When it was paused or resumed last; null: never. */
  changed_at: instant.nullable(),
  /** Jobs that run at a time. */
  concurrency: z.int(),
  running: z.array(trainingJob),
  /** The next to run first. */
  queued: z.array(trainingJob),
  paused_jobs: z.array(trainingJob),
  /** How running jobs give way: the share of the time in which they compute, and why it is not all of it. */
  pace: z.object({
    share: z.number().min(0).max(1),
    reason: z.enum(["serving", "cooldown"]).nullable(),
  }),
  /** The machine's hottest reading and what its graphics processors draw; null where the system does not tell. */
  celsius: z.number().nullable(),
  watts: z.number().nullable(),
  /** Bytes of disk that running jobs may still need. */
  reserved_disk_bytes: z.int(),
});
export type TrainingQueue = z.infer<typeof trainingQueue>;
