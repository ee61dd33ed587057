import { entityName } from "@hearth/wire/hub/common";
import {
  estimateJobRequest,
  type EstimateJobRequest,
  type TrainingParameters,
} from "@hearth/wire/hub/training";

/** What stands in the form; a number that was left empty is the hub's to choose. */
export interface JobFormValues {
  model: string;
  dataset: string | null;
  base: string | null;
  recipe: "lora" | "full" | "pretrain";
  targets: string[];
  /** What the model is asked in its training, one a line. */
  prompts: string;
  provider: "auto" | "cpu" | "webgpu";
  trainer: TrainingParameters["trainer"];
  /** Several short rows in one sequence. */
  packing: boolean;
  /** Whether layers are computed again in the backward pass; null leaves it to the hub. */
  recompute: "none" | "layers" | null;
  /** In the queue; 0 is `normal`. */
  priority: number;
  /** By the name that the hub has for it (`pretrain.dim`). */
  numbers: Record<string, number | string>;
}

export type Problems = Record<string, string>;

export interface NumberField {
  name: string;
  label: string;
  only?: JobFormValues["recipe"];
  advanced?: boolean;
  whole?: boolean;
}

/** Every number of a job, in the order of the form. */
export const numberFields: readonly NumberField[] = [
  { name: "lora_rank", label: "Rank", only: "lora", whole: true },
  { name: "lora_alpha", label: "Alpha", only: "lora" },
  { name: "pretrain.vocabulary", label: "Vocabulary", only: "pretrain", whole: true },
  { name: "pretrain.dim", label: "Width", only: "pretrain", whole: true },
  { name: "pretrain.layers", label: "Layers", only: "pretrain", whole: true },
  { name: "pretrain.heads", label: "Heads", only: "pretrain", whole: true },
  { name: "pretrain.kv_heads", label: "Key-value heads", only: "pretrain", whole: true },
  { name: "pretrain.ffn", label: "Feed-forward width", only: "pretrain", whole: true },
  { name: "learning_rate", label: "Learning rate" },
  { name: "epochs", label: "Epochs" },
  { name: "batch_size", label: "Batch size", whole: true },
  { name: "sequence_length", label: "Sequence length", whole: true },
  { name: "gradient_accumulation", label: "Gradient accumulation", advanced: true, whole: true },
  { name: "seed", label: "Seed", advanced: true, whole: true },
  { name: "warmup_ratio", label: "Warm-up (share)", advanced: true },
  { name: "weight_decay", label: "Weight decay", advanced: true },
  { name: "clip_norm", label: "Gradient norm at most", advanced: true },
  { name: "validation_every", label: "Validate every (steps)", advanced: true, whole: true },
  { name: "checkpoint_every", label: "Checkpoint every (steps)", advanced: true, whole: true },
  { name: "sample_steps", label: "Sample every (steps)", advanced: true, whole: true },
  { name: "threads", label: "Threads", advanced: true, whole: true },
];

/** The request that the form stands for, or what is wrong with it, by field. */
export function readForm(
  values: JobFormValues,
  knownModels: readonly string[],
): { request: EstimateJobRequest } | { problems: Problems } {
  const problems: Problems = {};
  const isNew = !knownModels.includes(values.model);
  if (isNew && !entityName.safeParse(values.model).success)
    problems["model_id"] =
      values.model === "" ? "name a model" : "1 to 128 letters, digits, '.', '_' or '-', no space";
  if (values.dataset === null) problems["dataset_id"] = "choose a dataset";
  if (values.base === null && values.recipe !== "pretrain") problems["base_model"] = "choose a base";
  const flat: Record<string, unknown> = {};
  const shape: Record<string, unknown> = {};
  for (const { name, only } of numberFields) {
    const value = values.numbers[name];
    if (value === undefined || value === "" || (only !== undefined && only !== values.recipe)) continue;
    if (name.startsWith("pretrain.")) shape[name.slice("pretrain.".length)] = Number(value);
    else flat[name] = Number(value);
  }
  const prompts = values.prompts.split("\n").filter((line) => line.trim() !== "");
  const parsed = estimateJobRequest.safeParse({
    ...flat,
    recipe: values.recipe,
    provider: values.provider,
    trainer: values.trainer,
    ...(values.packing && values.recipe !== "pretrain" ? { packing: true } : {}),
    ...(values.recompute === null ? {} : { recompute: values.recompute }),
    priority: values.priority,
    dataset_id: values.dataset ?? "none",
    ...(prompts.length > 0 ? { sample_prompts: prompts } : {}),
    ...(isNew ? {} : { model_id: values.model }),
    ...(values.recipe === "lora" ? { lora_targets: values.targets } : {}),
    ...(values.recipe === "pretrain" ? { pretrain: shape } : { base_model: values.base ?? undefined }),
  });
  for (const { path, message } of parsed.error?.issues ?? [])
    problems[path[0] === "sample_prompts" ? "sample_prompts" : path.join(".")] ??= message;
  if (!parsed.success || Object.keys(problems).length > 0) return { problems };
  return { request: parsed.data };
}
