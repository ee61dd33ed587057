import { splitName, type DatasetUses } from "@hearth/wire/hub/datasets";
import type { Queries } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";

/** More than a person reads; the newest are told. */
const most = 100;

/** Versions, jobs and evaluations of a dataset. */
export async function findUses(db: Queries, datasetId: string): Promise<DatasetUses> {
  const versions = await db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["models.name as model", "model_versions.version"])
    .where("model_versions.dataset_id", "=", datasetId)
    .orderBy("model_versions.created_at", "desc")
    .limit(most)
    .execute();
  const jobs = await db
    .selectFrom("jobs")
    .select(["id", "status", "created_at"])
    .where("dataset_id", "=", datasetId)
    .orderBy("created_at", "desc")
    .limit(most)
    .execute();
  const evaluations = await db
    .selectFrom("evaluations")
    .innerJoin("model_versions", "model_versions.id", "evaluations.version_id")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select([
      "evaluations.id",
      "models.name as model",
      "model_versions.version",
      "evaluations.split",
      "evaluations.created_at",
    ])
    .where("evaluations.dataset_id", "=", datasetId)
    .orderBy("evaluations.created_at", "desc")
    .limit(most)
    .execute();
  return {
    versions,
    jobs: jobs.map((job) => ({ ...job, created_at: toIso(job.created_at) })),
    evaluations: evaluations.map((row) => ({
      ...row,
      split: splitName.parse(row.split),
      created_at: toIso(row.created_at),
    })),
  };
}
