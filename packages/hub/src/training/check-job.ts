import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import type { EstimateJobRequest } from "@hearth/wire/hub/training";
import type { TrainingRooms } from "./dependencies.ts";
import { figuresOfSummary } from "./base-figures.ts";
import { checkTemplate, findBase } from "./checks/check-base.ts";
import { checkDatasetFiles } from "./checks/check-dataset-files.ts";
import { batchError, checkDisk, largestBatch } from "./checks/check-resources.ts";
import { checkParameters, completeParameters, type CompleteParameters } from "./parameters.ts";
import { shapeOfPretraining, type Requirements, type SizedParameters } from "./requirements.ts";
import type { TrainerChoice, Trainers } from "./trainers/trainers.ts";

/**
 * Checks everything that a person can get wrong, fills in every default, and chooses the trainer.
 *
 * @throws HearthError `invalid_request` (details: field, value, allowed), `not_found`, `resource_exhausted`
 */
export async function checkJob(
  dependencies: Pick<TrainingRooms, "registry" | "memory" | "datasets" | "artifacts"> & {
    trainers: Trainers;
  },
  model: Model | null,
  dataset: Dataset,
  request: EstimateJobRequest,
) {
  const base = await findBase(dependencies, model, request);
  const asked = completeParameters(request, base);
  checkParameters(asked, dataset, base);
  checkTemplate(base, dataset);
  const choice = dependencies.trainers.choose(asked.trainer, {
    recipe: asked.recipe,
    base: base && {
      reference: `${base.model}:${base.version}`,
      asked: request.base_model ?? model?.base_model ?? base.model,
      summary: base.summary ?? {},
    },
  });
  const named: CompleteParameters = { ...asked, trainer: choice.trainer.name };
  choice.trainer.check(named);
  await checkDatasetFiles(dependencies.datasets, dataset);
  const { parameters, requirements } = checkedRequirements(dependencies, choice, named, base, dataset);
  if (requirements !== null) await checkDisk(dependencies.artifacts, requirements.diskBytes);
  return { base, parameters, choice, requirements };
}

/**
 * What the job needs. Where it does not say whether blocks are computed again in the backward pass,
 * they are if the machine's budget could not hold the job otherwise; the parameters then say so.
 *
 * @throws HearthError `resource_exhausted` when the machine's budget could never hold the job
 */
function checkedRequirements(
  { memory }: Pick<TrainingRooms, "memory">,
  { trainer }: TrainerChoice,
  parameters: CompleteParameters,
  base: ModelVersion | null,
  dataset: Dataset,
): { parameters: CompleteParameters; requirements: Requirements | null } {
  const { pretrain, recompute = "none", batch_size: size } = parameters;
  const figures =
    pretrain === undefined
      ? figuresOfSummary(base?.summary ?? {})
      : { shape: shapeOfPretraining(pretrain, parameters.sequence_length) };
  const chosen = (given: SizedParameters["recompute"]): CompleteParameters =>
    trainer.recomputes ? { ...parameters, recompute: given } : parameters;
  if (figures === null) return { parameters: chosen(recompute), requirements: null };
  const sequence_length = likelyLength(parameters, dataset);
  const needed = (given: SizedParameters["recompute"], batch_size = size): Requirements =>
    trainer.requirements(
      figures,
      { ...parameters, batch_size, sequence_length, recompute: given },
      base?.summary ?? null,
    );
  const budget = memory.budgetBytes();
  const plain = needed(recompute);
  if (plain.memoryBytes <= budget) return { parameters: chosen(recompute), requirements: plain };
  const leanest = trainer.recomputes && parameters.recompute === undefined ? "layers" : recompute;
  const lean = needed(leanest);
  if (lean.memoryBytes > budget) {
    const largest = largestBatch((batch) => needed(leanest, batch).memoryBytes, budget, size);
    throw batchError({ size, largest }, lean.memoryBytes, budget);
  }
  return { parameters: chosen(leanest), requirements: lean };
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
