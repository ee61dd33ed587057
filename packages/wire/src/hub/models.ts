import { z } from "zod";
import { serving, servingChange } from "./serving.ts";
import { entityName, instant, page, pageQuery, sha256, tags, aliasName } from "./common.ts";
import { splitName } from "./datasets.ts";

export const taskType = z.enum([
  "text-generation",
  "classification",
  "summarization",
  "question-answering",
  "chat",
  /** What the hub knows no task of: prompts, and models that other programs register. */
  "other",
]);
export type TaskType = z.infer<typeof taskType>;

export const createModelRequest = z.strictObject({
  name: entityName,
  task_type: taskType.default("text-generation"),
  description: z.string().max(10_000).default(""),
  /** A version reference (`ember`, `ember:1`, `ember@champion`) that adapters of this model are trained on. */
  base_model: z.string().max(300).optional(),
  tags: tags.default({}),
  /** A GGUF file, or a folder with config.json and *.safetensors (MLX), on the hub's machine, inside an allowed folder: becomes version 1. */
  path: z.string().max(4096).optional(),
});
export type CreateModelRequest = z.infer<typeof createModelRequest>;

export const listModelsQuery = pageQuery.extend({
  /** Part of the name, of the description or of what it is trained on, in any case. */
  search: z.string().max(300).optional(),
});
export type ListModelsQuery = z.infer<typeof listModelsQuery>;

export const updateModelRequest = z.strictObject({
  description: z.string().max(10_000).optional(),
  task_type: taskType.optional(),
  tags: tags.optional(),
  serving: servingChange.optional(),
});

export const importVersionRequest = z.strictObject({
  /** A GGUF file, or a folder with a model for MLX, on the hub's machine, inside an allowed folder. */
  path: z.string().min(1).max(4096),
});

export const setAliasRequest = z.strictObject({ version: z.int().min(1) });

export const versionStatus = z.enum(["training", "ready", "archived", "failed"]);
export const versionKind = z.enum(["full", "adapter"]);

/** The machine that a version was trained on. */
export const hardware = z.object({
  cpu: z.string(),
  cores: z.int(),
  /** Instruction sets that may change how numbers are rounded; null where the system does not tell. */
  features: z.array(z.string()).nullable(),
  memory_bytes: z.int(),
  /** Empty where there is none, or none that the system tells of. */
  gpus: z.array(z.string()),
});
export type Hardware = z.infer<typeof hardware>;

export const codeState = z.object({
  /** Null when the code is not in a git repository, or git is not installed. */
  commit: z.string().nullable(),
  /** Whether files differ from the commit, or lie beside it. */
  dirty: z.boolean().nullable(),
  /** sha256 over `git diff HEAD` and the untracked files with their contents; null when clean or unknown. */
  diff_sha256: sha256.nullable().default(null),
});
export type CodeState = z.infer<typeof codeState>;

/** What a version was made from; every field that is known is filled at training time. */
export const lineage = z.object({
  job_id: z.string().nullable(),
  run_id: z.string().nullable(),
  dataset: z
    .object({
      id: z.string(),
      name: z.string(),
      version: z.int().nullable().default(null),
      sha256,
      splits: z.partialRecord(splitName, z.object({ rows: z.int(), sha256 })).default({}),
    })
    .nullable(),
  base: z.object({ version_id: z.string(), reference: z.string(), sha256 }).nullable(),
  /** With every default filled in. */
  recipe: z.record(z.string(), z.unknown()).nullable(),
  seed: z.int().nullable(),
  /** What was random, and from which seed: `data_order`, `lora_init` or `weights_init`. */
  seeds: z.record(z.string(), z.int()).default({}),
  code: codeState,
  /** Versions and settings of everything that computed, by name; a trainer adds its own. */
  environment: z.record(z.string(), z.string()),
  hardware: hardware.nullable().default(null),
});
export type Lineage = z.infer<typeof lineage>;

export const modelVersion = z.object({
  id: z.string(),
  model_id: z.string(),
  model: z.string(),
  version: z.int().min(1),
  status: versionStatus,
  kind: versionKind,
  base_version_id: z.string().nullable(),
  metrics: z.record(z.string(), z.number()),
  artifact_path: z.string().nullable(),
  /** File name relative to the artifact folder → sha256. */
  checksums: z.record(z.string(), sha256),
  /** sha256 of the file that the engine loads (adapter or full weights). */
  sha256: sha256.nullable(),
  aliases: z.array(z.string()),
  /** What the file says of itself: architecture, parameters, context, quantisation. */
  summary: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullable(),
  lineage,
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  created_at: instant,
});
export type ModelVersion = z.infer<typeof modelVersion>;

/** For an adapter of a base in MLX's format. */
export const ggufTwinRequest = z.strictObject({
  /** The version with the same base in GGUF: `name`, `name:3` or `name@alias`. */
  base: z.string().min(1).max(300),
});

/** The files of a version where the hub keeps them. */
export const versionFiles = z.object({
  items: z.array(
    z.object({
      /** Relative to the artifact folder. */
      file: z.string(),
      /** As it was registered. */
      sha256,
      /** Null: it cannot be read now. */
      bytes: z.int().nullable(),
    }),
  ),
});
export type VersionFiles = z.infer<typeof versionFiles>;

export const verifyVersionResponse = z.object({
  ok: z.boolean(),
  /** Files that were hashed again. */
  files: z.int(),
  /** Why not, one sentence a file. */
  problems: z.array(z.string()),
});
export type VersionVerification = z.infer<typeof verifyVersionResponse>;

export const model = z.object({
  id: z.string(),
  /** Models that MLflow's clients register may have any name without '/' and ':'. */
  name: z.string().min(1),
  task_type: taskType,
  description: z.string(),
  base_model: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  serving,
  /** Where its runs are; null until something is trained or evaluated for it. */
  experiment_id: z.string().nullable(),
  aliases: z.record(z.string(), z.int()),
  latest_version: z.int().nullable(),
  created_at: instant,
});
export type Model = z.infer<typeof model>;

export const modelPage = page(model);
export const modelVersionPage = page(modelVersion);

/** One thing that happened to a model: created, version added, evaluated, promoted, rolled back. */
export const modelEvent = z.object({
  id: z.int(),
  kind: z.string(),
  version: z.int().nullable(),
  details: z.record(z.string(), z.unknown()),
  created_at: instant,
});
export type ModelEvent = z.infer<typeof modelEvent>;
export const modelEventPage = page(modelEvent);

export const promoteRequest = z.strictObject({
  version: z.int().min(1),
  alias: aliasName.default("champion"),
  /**
   * A gate such as `accuracy>=champion+0.01`, `accuracy>=0.9` or `ci_low(accuracy)>=champion`; several are all
   * required.
   */
  require: z.array(z.string().max(200)).max(50).default([]),
  /** Only checks: no alias moves and nothing is written down. */
  dry_run: z.boolean().optional(),
});

/** An evaluation that would give a gate the figure that it lacks. */
export const neededEvaluation = z.object({
  /** `name:3` */
  model: z.string(),
  dataset: z.string(),
  split: splitName,
  /** Rows; null: all. */
  limit: z.int().nullable(),
  scorer_files: z.array(z.string()),
});
export type NeededEvaluation = z.infer<typeof neededEvaluation>;

export const gateCheck = z.object({
  expression: z.string(),
  metric: z.string(),
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  passed: z.boolean(),
  reason: z.string(),
  /** Against an alias, the metric's difference on the same rows, with the interval of a paired bootstrap. */
  difference: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable().default(null),
  /** What to measure so that it can be checked at all; null: it could be, or there is no telling. */
  needed: neededEvaluation.nullable().default(null),
});
export type GateCheck = z.infer<typeof gateCheck>;

export const gateResult = z.object({
  promoted: z.boolean(),
  alias: z.string(),
  version: z.int(),
  previous_version: z.int().nullable(),
  checks: z.array(gateCheck),
});
export type GateResult = z.infer<typeof gateResult>;

export const rollbackRequest = z.strictObject({ alias: aliasName.default("champion") });

export const rollbackResult = z.object({
  alias: z.string(),
  /** What the alias names now: who held it before the one that held it until now. */
  version: z.int(),
  previous_version: z.int(),
  /** Earlier holders that could not be taken, because they are not ready or are gone. */
  skipped: z.array(z.object({ version: z.int(), status: z.string() })),
});
export type RollbackResult = z.infer<typeof rollbackResult>;
