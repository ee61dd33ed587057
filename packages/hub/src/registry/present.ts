import {
  lineage as lineageSchema,
  type Lineage,
  type Model,
  type ModelEvent,
  type ModelVersion,
} from "@hearth/wire/hub/models";
import { model as modelSchema, modelVersion as versionSchema } from "@hearth/wire/hub/models";
import type { Selectable } from "kysely";
import { z } from "zod";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import type { Queries } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";
import { parseServing } from "./serving.ts";
import type { ModelEventTable, ModelTable, ModelVersionTable } from "../storage/tables/registry.ts";

const { task_type: taskTypeSchema } = modelSchema.shape;
const {
  metrics: metricsSchema,
  checksums: checksumsSchema,
  summary: summarySchema,
  error: errorSchema,
} = versionSchema.shape;
const detailsSchema = z.record(z.string(), z.unknown());

/** The lineage of a version about which nothing is known. */
export const emptyLineage: Lineage = {
  job_id: null,
  run_id: null,
  dataset: null,
  base: null,
  recipe: null,
  seed: null,
  seeds: {},
  code: { commit: null, dirty: null, diff_sha256: null },
  environment: {},
  hardware: null,
};

export type ModelRow = Selectable<ModelTable>;
export type VersionRow = Selectable<ModelVersionTable>;

/** Rows of models as the API shows them, in the same order. */
export async function presentModels(db: Queries, rows: readonly ModelRow[]): Promise<Model[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const aliases = await db
    .selectFrom("model_aliases")
    .selectAll()
    .where("model_id", "in", ids)
    .orderBy("alias")
    .execute();
  const latest = await db
    .selectFrom("model_versions")
    .select(["model_id", (row) => row.fn.max("version").as("version")])
    .where("model_id", "in", ids)
    .groupBy("model_id")
    .execute();
  const tags = await db
    .selectFrom("model_tags")
    .selectAll()
    .where("model_id", "in", ids)
    .orderBy("key")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    task_type: taskTypeSchema.parse(row.task_type),
    description: row.description,
    base_model: row.base_model,
    tags: Object.fromEntries(
      tags.filter((tag) => tag.model_id === row.id).map((tag) => [tag.key, tag.value]),
    ),
    serving: parseServing(row.serving),
    experiment_id: row.experiment_id,
    aliases: Object.fromEntries(
      aliases.filter((alias) => alias.model_id === row.id).map((alias) => [alias.alias, alias.version]),
    ),
    latest_version: latest.find((version) => version.model_id === row.id)?.version ?? null,
    created_at: toIso(row.created_at),
  }));
}

/** Rows of versions of one model as the API shows them, in the same order. */
export async function presentVersions(
  db: Queries,
  artifacts: Pick<ArtifactStore, "fromStored">,
  model: Pick<ModelTable, "id" | "name">,
  rows: readonly VersionRow[],
): Promise<ModelVersion[]> {
  if (rows.length === 0) return [];
  const aliases = await db
    .selectFrom("model_aliases")
    .selectAll()
    .where("model_id", "=", model.id)
    .orderBy("alias")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    model_id: row.model_id,
    model: model.name,
    version: row.version,
    status: row.status,
    kind: row.kind,
    base_version_id: row.base_version_id,
    metrics: metricsSchema.parse(JSON.parse(row.metrics)),
    artifact_path: row.artifact_path === null ? null : artifacts.fromStored(row.artifact_path),
    checksums: checksumsSchema.parse(JSON.parse(row.checksums)),
    sha256: row.sha256,
    aliases: aliases.filter((alias) => alias.version === row.version).map((alias) => alias.alias),
    summary: row.summary === null ? null : summarySchema.parse(JSON.parse(row.summary)),
    lineage: lineageSchema.parse(JSON.parse(row.lineage)),
    error: row.error === null ? null : errorSchema.parse(JSON.parse(row.error)),
    created_at: toIso(row.created_at),
  }));
}

export function presentEvent(row: {
  [K in keyof ModelEventTable]: K extends "id" ? number : ModelEventTable[K];
}): ModelEvent {
  return {
    id: row.id,
    kind: row.kind,
    version: row.version,
    details: detailsSchema.parse(JSON.parse(row.details)),
    created_at: toIso(row.created_at),
  };
}
