import { z } from "zod";
import { instant } from "./common.ts";

/** A year; a model that must stay for longer is pinned. */
const longestSeconds = 31_536_000;

/**
 * How long a model stays loaded unused: seconds, 0 for not at all, below 0 until its room is needed;
 * or a duration such as `5m`, `1h30m`, `90s`, `-1`.
 */
export const keepAlive = z.union([
  z.number().min(-longestSeconds).max(longestSeconds),
  z
    .string()
    .max(40)
    .regex(
      /^-?(\d+(\.\d+)?|(\d+(\.\d+)?(ms|s|m|h))+)$/,
      'seconds, or a duration such as "5m", "1h30m" or "90s"; "-1": until its room is needed',
    ),
]);
export type KeepAlive = z.infer<typeof keepAlive>;

export const kvCacheType = z.enum(["f16", "q8_0"]);

/** How a model's own weights are served; what is null or left out is chosen from the machine. */
export const servingChange = z.strictObject({
  /** Requests decoded together. */
  slots: z.int().min(1).max(64).nullable().optional(),
  /** Tokens that a request and its answer may have together, at most what the model was trained for. */
  context: z.int().min(64).max(1_048_576).nullable().optional(),
  threads: z.int().min(1).max(1024).nullable().optional(),
  kv_cache_type: kvCacheType.nullable().optional(),
  keep_alive: keepAlive.nullable().optional(),
  /** Never unloaded unless somebody asks for it; loaded when the hub starts. */
  pinned: z.boolean().optional(),
});

export const serving = z.object({
  slots: z.int().nullable(),
  context: z.int().nullable(),
  threads: z.int().nullable(),
  kv_cache_type: kvCacheType.nullable(),
  keep_alive: keepAlive.nullable(),
  pinned: z.boolean(),
});
export type ServingSettings = z.infer<typeof serving>;

/** A process that holds a model. */
export const engineState = z.object({
  /** `name:version` of the weights. */
  base: z.string(),
  pid: z.int(),
  memory_bytes: z.int(),
  /** What the memory budget counts for it. */
  reserved_bytes: z.int(),
  /** Requests under way, those that wait included. */
  active: z.int(),
  waiting: z.int(),
  adapters: z.int(),
  slots: z.int(),
  /** Null while it is being loaded. */
  context: z.int().nullable(),
  threads: z.int(),
  kv_cache_type: kvCacheType,
  pinned: z.boolean(),
  loaded_at: instant.nullable(),
  /** Null while it is used, and where nothing unloads it. */
  unloads_at: instant.nullable(),
});
export type EngineState = z.infer<typeof engineState>;

export const loadRequest = z.strictObject({ keep_alive: keepAlive.optional() });

export const unloadRequest = z.strictObject({
  /** Also while it answers: those requests fail. */
  force: z.boolean().default(false),
});

/** A version with the state of its weights. */
export const servedModel = z.object({
  /** `name:version` that was asked for. */
  model: z.string(),
  /** `name:version` of its weights. */
  base: z.string(),
  pinned: z.boolean(),
  /** Null: not loaded. */
  engine: engineState.nullable(),
});
export type ServedModelState = z.infer<typeof servedModel>;

/** What loading a version would take now, or takes where it is loaded; nothing is loaded to tell it. In bytes. */
export const memoryPlan = z.object({
  /** `name:version` that was asked for. */
  model: z.string(),
  /** `name:version` of its weights. */
  base: z.string(),
  loaded: z.boolean(),
  /** Why it could not be loaded now; null: it could. */
  refusal: z.string().nullable(),
  slots: z.int(),
  context: z.int().nullable(),
  /** Adapters that are kept ready at a time. */
  adapters: z.int(),
  threads: z.int(),
  kv_cache_type: kvCacheType,
  weights_bytes: z.int(),
  kv_cache_bytes: z.int(),
  /** Buffers of the computation, and the process itself. */
  compute_bytes: z.int(),
  total_bytes: z.int(),
  /** Of the total, what each adapter that is kept ready takes. */
  adapter_bytes: z.int(),
  /** What everything that is loaded and a training job may take together, and what they take now. */
  budget_bytes: z.int(),
  used_bytes: z.int(),
  /** What would be unloaded for it, in this order. */
  evicts: z.array(z.object({ base: z.string(), reserved_bytes: z.int() })),
});
export type MemoryPlan = z.infer<typeof memoryPlan>;

/** A request that is waiting or being answered right now. */
export const runningRequest = z.object({
  trace_id: z.string(),
  endpoint: z.string(),
  /** As it can be asked for: `name:3`, or `provider/model`. */
  model: z.string(),
  started_at: instant,
  state: z.enum(["waiting", "answering"]),
  /** Tokens so far. */
  completion_tokens: z.int(),
});
export type RunningRequest = z.infer<typeof runningRequest>;
export const runningRequests = z.object({ items: z.array(runningRequest) });
