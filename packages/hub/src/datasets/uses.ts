import { splitName, type DatasetUses } from "@hearth/wire/hub/datasets";
import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { toIso } from "../storage/instant.ts";
import type { DatasetTable } from "../storage/tables/datasets.ts";

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

/** @throws HearthError `conflict` naming who uses the dataset */
export async function refuseWhileUsed(db: Queries, row: DatasetTable): Promise<void> {
  const jobs = await db.selectFrom("jobs").select("id").where("dataset_id", "=", row.id).limit(20).execute();
  const versions = await db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["models.name", "model_versions.version"])
    .where("model_versions.dataset_id", "=", row.id)
    .limit(20)
    .execute();
  const evaluations = await db
    .selectFrom("evaluations")
    .select("id")
    .where("dataset_id", "=", row.id)
    .limit(20)
    .execute();
  if (jobs.length + versions.length + evaluations.length === 0) return;
  const names = versions.map((version) => `${version.name}:${version.version}`);
  const users = [
    ...(names.length > 0 ? [`the versions ${names.join(", ")}`] : []),
    ...(jobs.length > 0 ? [`${jobs.length} jobs`] : []),
    ...(evaluations.length > 0 ? [`${evaluations.length} evaluations`] : []),
  ];
  throw new HearthError(
    "conflict",
    `The dataset ${row.name}:${row.version} is used by ${users.join(", ")}; delete those models first.`,
    {
      details: {
        dataset: row.name,
        versions: names,
        jobs: jobs.map((job) => job.id),
        evaluations: evaluations.length,
      },
    },
  );
}
