import type { Dataset } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import { trainingParameters } from "@hearth/wire/hub/training";
import type { EstimateJobRequest, LinearName, TrainingParameters } from "@hearth/wire/hub/training";
import { decoderTensors } from "../model-files/gguf/decoder-shape.ts";
import { figuresOfSummary } from "./base-figures.ts";
import { refuse } from "./checks/refuse.ts";
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
  if (dataset.format !== "text" && parameters.recipe !== "pretrain")
    checkStep(parameters, dataset.name, train.rows);
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
  if (parameters.recipe === "pretrain") {
    checkPretraining(parameters);
    checkCorpus(parameters, dataset.name, train.bytes);
  } else checkTuning(parameters, base);
}

function checkPacking({ packing, recipe, provider }: CompleteParameters, { format, name }: Dataset): void {
  if (packing !== true) return;
  const field = "packing";
  if (recipe === "pretrain" || format === "text")
    refuse(field, true, "false, or absent", `running text as in '${name}' fills its sequences anyway`);
  if (provider === "webgpu")
    refuse(field, true, "false with the provider webgpu", "packed rows are trained on the CPU only");
}

/** Enough rows for one step. */
function checkStep(
  { batch_size, gradient_accumulation }: CompleteParameters,
  name: string,
  rows: number,
): void {
  if (batch_size > rows) {
    refuse(
      "batch_size",
      batch_size,
      `1 to ${rows}`,
      `a batch of ${batch_size} is more than the ${rows} rows of '${name}'`,
    );
  }
  const most = Math.floor(rows / batch_size);
  if (gradient_accumulation > most) {
    refuse(
      "gradient_accumulation",
      gradient_accumulation,
      most === 1 ? "1" : `1 to ${most}`,
      `${gradient_accumulation} batches of ${batch_size} are more than the ${rows} rows of '${name}' in one step`,
    );
  }
}

/** Enough text for one sequence; a token is at least one byte of the file. */
function checkCorpus({ sequence_length }: CompleteParameters, name: string, bytes: number): void {
  if (bytes > sequence_length) return;
  refuse(
    "sequence_length",
    sequence_length,
    bytes > 8 ? `8 to ${bytes - 1}` : "none: register more text",
    `the ${bytes} bytes of '${name}' have no more tokens than that, and one sequence takes ${sequence_length + 1}`,
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
  const figures = figuresOfSummary(base.summary ?? {});
  const sides = figures && decoderTensors(figures.shape).get(`blk.0.${target}.weight`);
  return sides ? Math.min(...sides) : null;
}
