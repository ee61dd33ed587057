import { stat } from "node:fs/promises";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Model, ModelVersion } from "@hearth/wire/hub/models";
import type { EstimateJobRequest } from "@hearth/wire/hub/training";
import type { TrainingRooms } from "../dependencies.ts";
import { lookUp, refuse } from "./refuse.ts";

const field = "base_model";
const ready = "a ready version with full weights, such as ember:1";

/** The full weights that the job starts from; null for a model from nothing. @throws HearthError with field, value, allowed */
export async function findBase(
  { registry }: Pick<TrainingRooms, "registry">,
  model: Model | null,
  request: EstimateJobRequest,
): Promise<ModelVersion | null> {
  if (request.recipe === "pretrain") {
    if (request.base_model !== undefined) {
      refuse(field, request.base_model, "absent", "the recipe 'pretrain' makes a model from nothing");
    }
    return null;
  }
  const reference = request.base_model ?? model?.base_model ?? null;
  if (reference === null) return null;
  const base = await lookUp(field, reference, ready, registry.resolve(reference));
  if (base.kind === "adapter") {
    const own = base.base_version_id === null ? null : await registry.getVersion(base.base_version_id);
    const allowed = own === null ? "a version with full weights" : `${own.model}:${own.version}`;
    refuse(
      field,
      reference,
      allowed,
      `'${reference}' is ${base.model}:${base.version}, an adapter; a job starts from full weights`,
    );
  }
  await checkFile(reference, base);
  return base;
}

/** What is missing is known before a trainer opens it. */
async function checkFile(reference: string, { artifact_path: path }: ModelVersion): Promise<void> {
  if (path === null || (await bytesOf(path)) !== null) return;
  refuse(field, reference, ready, `the file of '${reference}' is missing: ${path}`);
}

/** Conversations are rendered by the base's own template. */
export function checkTemplate(base: ModelVersion | null, dataset: Dataset): void {
  if (base === null || dataset.format !== "chat" || base.summary?.["chatTemplate"] !== false) return;
  refuse(
    "dataset_id",
    dataset.name,
    "rows of the format prompt or text, or a base with a chat template",
    `the rows of '${dataset.name}' are conversations, and ${base.model}:${base.version} has no chat template to render them`,
  );
}

/** Null where there is nothing. */
export async function bytesOf(path: string): Promise<number | null> {
  return await stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
