import type { Dataset } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { trainingParameters } from "@hearth/wire/hub/training";
import type { EstimateJobRequest, LinearName, TrainingParameters } from "@hearth/wire/hub/training";
import { HearthError } from "../errors.ts";
import { defaultAlpha, defaultLearningRate, defaultSequenceLength } from "./defaults.ts";

export type CompleteParameters = TrainingParameters & {
  learning_rate: number;
  lora_alpha: number;
  sequence_length: number;
};

/** The job's parameters with every default filled in; what is stored, so that a later change of a default changes nothing. */
export function completeParameters(
  request: EstimateJobRequest,
  base: ModelVersion | null,
): CompleteParameters {
  const {
    model_id: _model,
    dataset_id: _dataset,
    base_model: _base,
    system_metrics: _systemMetrics,
    priority: _priority,
    ...given
  } = request;
  const context = contextOf(base);
  const parsed = trainingParameters.parse(given);
  return {
    ...parsed,
    learning_rate: given.learning_rate ?? defaultLearningRate[parsed.recipe],
    lora_alpha: given.lora_alpha ?? defaultAlpha(parsed.lora_rank),
    sequence_length: given.sequence_length ?? defaultSequenceLength(context),
  };
}

/**
 * Refuses what cannot work before anything is stored.
 * @throws HearthError `invalid_request` with `details` field, value and allowed
 */
export function checkParameters(
  parameters: CompleteParameters,
  dataset: Dataset,
  base: ModelVersion | null,
): void {
  const train = dataset.splits.train;
  if (train === undefined || train.rows === 0) {
    refuse(
      "dataset_id",
      dataset.name,
      "a dataset with a train split",
      `dataset '${dataset.name}' has no rows to train on (its splits: ${Object.keys(dataset.splits).join(", ") || "none"})`,
    );
  }
  const rowsAreSequences = dataset.format !== "text" && parameters.recipe !== "pretrain";
  if (rowsAreSequences && parameters.batch_size > train.rows) {
    refuse(
      "batch_size",
      parameters.batch_size,
      `1 to ${train.rows}`,
      `a batch of ${parameters.batch_size} is more than the ${train.rows} rows of '${dataset.name}'`,
    );
  }
  if (parameters.validation_every !== undefined && dataset.splits.validation === undefined) {
    refuse(
      "validation_every",
      parameters.validation_every,
      "absent",
      `dataset '${dataset.name}' has no validation split to measure on`,
    );
  }
  const held = dataset.splits.validation?.rows ?? 0;
  if ((parameters.sample_steps ?? 0) > 0 && parameters.sample_prompts === undefined && held === 0) {
    refuse(
      "sample_steps",
      parameters.sample_steps,
      "0, absent, or with sample_prompts",
      `dataset '${dataset.name}' has no validation split to take prompts from`,
    );
  }
  checkPacking(parameters, dataset);
  if (parameters.recipe === "pretrain") checkPretraining(parameters);
  else {
    checkTuning(parameters, base);
    checkTemplate(dataset, base);
  }
}

function checkPacking({ packing, recipe, provider }: CompleteParameters, { format, name }: Dataset): void {
  if (packing !== true) return;
  const field = "packing";
  if (recipe === "pretrain" || format === "text")
    refuse(field, true, "false, or absent", `running text as in '${name}' fills its sequences anyway`);
  if (provider === "webgpu")
    refuse(field, true, "false with the provider webgpu", "packed rows are trained on the CPU only");
}

/** A conversation becomes text by the template of the base alone. */
function checkTemplate(dataset: Dataset, base: ModelVersion | null): void {
  if (dataset.format !== "chat" || base?.summary?.["chatTemplate"] !== false) return;
  const named = `${base.model}:${base.version}`;
  refuse(
    "base_model",
    named,
    "a base with a chat template, or a dataset of prompts and completions",
    `${named} has no chat template, and '${dataset.name}' holds conversations`,
  );
}

function checkPretraining({ pretrain }: CompleteParameters): void {
  if (pretrain === undefined) {
    refuse(
      "pretrain",
      null,
      "an object with vocabulary, dim, layers, heads, kv_heads and ffn",
      "training from nothing needs the shape of the model",
    );
  }
  const { dim, heads, kv_heads } = pretrain;
  if (dim % heads !== 0 || (dim / heads) % 2 !== 0) {
    refuse(
      "pretrain.heads",
      heads,
      `a divisor of dim (${dim}) that leaves an even number`,
      `${heads} heads do not divide ${dim} into heads of even width`,
    );
  }
  if (heads % kv_heads !== 0) {
    refuse(
      "pretrain.kv_heads",
      kv_heads,
      `a divisor of heads (${heads})`,
      `${heads} heads cannot share ${kv_heads} key-value heads equally`,
    );
  }
}

function checkTuning(parameters: CompleteParameters, base: ModelVersion | null): void {
  if (parameters.pretrain !== undefined) {
    refuse(
      "pretrain",
      "an object",
      "absent",
      `the recipe '${parameters.recipe}' takes its shape from the base`,
    );
  }
  if (base === null) {
    refuse(
      "base_model",
      null,
      "a model reference such as ember:1",
      `the recipe '${parameters.recipe}' starts from a base, and neither the job nor the model names one`,
    );
  }
  const context = contextOf(base);
  if (context !== null && parameters.sequence_length > context) {
    refuse(
      "sequence_length",
      parameters.sequence_length,
      `8 to ${context}`,
      `${base.model}:${base.version} has a context of ${context} tokens`,
    );
  }
  if (parameters.recipe === "lora") checkLora(parameters, base);
}

function checkLora({ lora_rank, lora_targets }: CompleteParameters, base: ModelVersion): void {
  const repeated = lora_targets.find((target, index) => lora_targets.indexOf(target) !== index);
  if (repeated !== undefined) {
    refuse("lora_targets", lora_targets, "each layer once", `'${repeated}' is named twice`);
  }
  const widths = lora_targets.map((target) => widthOf(base, target)).filter((width) => width !== null);
  const width = Math.min(...widths);
  if (lora_rank > width) {
    refuse(
      "lora_rank",
      lora_rank,
      `1 to ${width}`,
      `the narrowest of the chosen layers of ${base.model}:${base.version} is ${width} wide; a higher rank is no low-rank update`,
    );
  }
}

function contextOf(base: ModelVersion | null): number | null {
  const context = base?.summary?.["context"];
  return typeof context === "number" && context > 0 ? context : null;
}

/** The narrower side of a layer, as far as the model's summary tells it; null when it does not. */
function widthOf(base: ModelVersion, target: LinearName): number | null {
  const figure = (name: string): number | null => {
    const value = base.summary?.[name];
    return typeof value === "number" && value > 0 ? value : null;
  };
  const embedding = figure("embedding");
  if (target !== "attn_k" && target !== "attn_v") return embedding;
  const [cache, layers] = [figure("cacheElementsPerToken"), figure("layers")];
  // The cache holds the keys and the values of every layer.
  return cache === null || layers === null
    ? embedding
    : Math.min(embedding ?? Infinity, cache / (2 * layers));
}

/** Throws the error of one field: what was found, what is allowed, why. */
export function refuse(field: string, value: unknown, allowed: string, why: string): never {
  throw new HearthError("invalid_request", `${field}: ${why}; allowed: ${allowed}`, {
    details: { field, value, allowed },
  });
}
