import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import type { EstimateJobRequest } from "@hearth/wire/hub/training";
import { HearthError } from "../errors.ts";
import type { TrainingRooms } from "./dependencies.ts";
import { checkParameters, completeParameters, refuse, type CompleteParameters } from "./parameters.ts";
import { figuresOfSummary, typesOf } from "./base-figures.ts";
import {
  estimateRequirements,
  shapeOfPretraining,
  type Requirements,
  type SizedParameters,
} from "./requirements.ts";
import { readableTypes } from "../model-files/gguf/read.ts";

/**
 * Checks everything that a person can get wrong, and fills in every default.
 *
 * @throws HearthError `invalid_request` (details: field, value, allowed), `not_found`, `resource_exhausted`
 */
export async function checkJob(
  dependencies: Pick<TrainingRooms, "registry" | "memory">,
  model: Model | null,
  dataset: Dataset,
  request: EstimateJobRequest,
) {
  const base = await findBase(dependencies, model, request);
  const complete = completeParameters(request, base);
  checkParameters(complete, dataset, base);
  return { base, ...checkedRequirements(dependencies, complete, base, dataset) };
}

/** The full weights that the job starts from; null for a model from nothing. */
async function findBase(
  { registry }: Pick<TrainingRooms, "registry">,
  model: Model | null,
  request: EstimateJobRequest,
): Promise<ModelVersion | null> {
  if (request.recipe === "pretrain") {
    if (request.base_model !== undefined) {
      refuse("base_model", request.base_model, "absent", "the recipe 'pretrain' makes a model from nothing");
    }
    return null;
  }
  const reference = request.base_model ?? model?.base_model ?? null;
  if (reference === null) return null;
  const base = await registry.resolve(reference);
  if (base.kind === "adapter") {
    const own = base.base_version_id === null ? null : await registry.getVersion(base.base_version_id);
    const allowed = own === null ? "a version with full weights" : `${own.model}:${own.version}`;
    refuse(
      "base_model",
      reference,
      allowed,
      `'${reference}' is ${base.model}:${base.version}, an adapter; a job starts from full weights`,
    );
  }
  if (base.summary?.["format"] === "mlx") {
    const what = `'${reference}' is in MLX's format, which the embedded trainer does not read`;
    refuse("base_model", reference, "a model from a GGUF file", what);
  }
  const unread = [...typesOf(base.summary?.["weightTypes"]).keys()].find(
    (type) => !readableTypes.includes(type),
  );
  if (unread !== undefined) {
    const what = `'${reference}' has tensors stored as ${unread}, which the embedded trainer does not read`;
    refuse("base_model", reference, `a model stored as ${readableTypes.join(", ")}`, what);
  }
  return base;
}

/**
 * What the job needs. Where it does not say whether blocks are computed again in the backward pass,
 * they are if the machine's budget could not hold the job otherwise; the parameters then say so.
 *
 * @throws HearthError `resource_exhausted` when the machine's budget could never hold the job
 */
function checkedRequirements(
  { memory }: Pick<TrainingRooms, "memory">,
  parameters: CompleteParameters,
  base: ModelVersion | null,
  dataset: Dataset,
): { parameters: CompleteParameters; requirements: Requirements | null } {
  const { pretrain, recompute = "none" } = parameters;
  const figures =
    pretrain === undefined
      ? figuresOfSummary(base?.summary ?? {})
      : { shape: shapeOfPretraining(pretrain, parameters.sequence_length) };
  if (figures === null) return { parameters: { ...parameters, recompute }, requirements: null };
  const needed = (given: SizedParameters["recompute"]): Requirements =>
    estimateRequirements(figures, {
      ...parameters,
      sequence_length: likelyLength(parameters, dataset),
      recompute: given,
    });
  const budget = memory.budgetBytes();
  const plain = needed(recompute);
  if (plain.memoryBytes <= budget) return { parameters: { ...parameters, recompute }, requirements: plain };
  const lean = needed("layers");
  if (parameters.recompute === "none" || lean.memoryBytes > budget) {
    throw memoryError(parameters.recompute === "none" ? plain.memoryBytes : lean.memoryBytes, budget);
  }
  return { parameters: { ...parameters, recompute: "layers" }, requirements: lean };
}

/**
 * Tokens that a sequence of the job will have: running text is packed to the full length, other
 * rows are padded to the longest, which is taken to have at most one token per byte of an average
 * row (a token is three to four bytes of most texts).
 */
function likelyLength({ recipe, sequence_length }: CompleteParameters, { format, splits }: Dataset): number {
  if (recipe === "pretrain" || format === "text" || splits.train === undefined) return sequence_length;
  return Math.min(sequence_length, Math.ceil(splits.train.bytes / Math.max(1, splits.train.rows)));
}

/** The refusal of a job for its memory, with the numbers. */
export function memoryError(needed: number, available: number): HearthError {
  const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  return new HearthError(
    "resource_exhausted",
    `the job needs about ${megabytes(needed)} of memory and ${megabytes(available)} are allowed; lower batch_size or sequence_length, take the recipe 'lora', or raise HEARTH_MEMORY_LIMIT`,
    { details: { needed_bytes: needed, available_bytes: available } },
  );
}
