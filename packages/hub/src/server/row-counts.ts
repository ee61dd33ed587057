import type { Database } from "../storage/database.ts";
import { statusOf } from "../training/present.ts";

export interface RowCounts {
  models: number;
  versions: Record<string, number>;
  jobs: Record<string, number>;
}

const jobStatuses = ["queued", "paused", "running", "completed", "failed", "cancelled"] as const;
const versionStatuses = ["training", "ready", "archived", "failed"] as const;

/** Models, versions and jobs by status; a status that nothing has counts 0. */
export async function countRows({ db }: Database): Promise<RowCounts> {
  const models = await db
    .selectFrom("models")
    .select((row) => row.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  const versions = await db
    .selectFrom("model_versions")
    .select(["status", (row) => row.fn.countAll<number>().as("count")])
    .groupBy("status")
    .execute();
  const jobs = await db
    .selectFrom("jobs")
    .select(["status", "pause_requested", (row) => row.fn.countAll<number>().as("count")])
    .groupBy(["status", "pause_requested"])
    .execute();
  return {
    models: Number(models.count),
    versions: byStatus(versionStatuses, versions),
    jobs: byStatus(
      jobStatuses,
      jobs.map((row) => ({ status: statusOf(row), count: row.count })),
    ),
  };
}

function byStatus(
  statuses: readonly string[],
  rows: readonly { status: string; count: number }[],
): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const status of statuses) counts[status] = 0;
  for (const row of rows) counts[row.status] = (counts[row.status] ?? 0) + Number(row.count);
  return counts;
}

/** Checksums of the weights of a model's versions; adapters have none of their own. */
export async function weightsOfModel({ db }: Database, modelId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("model_versions")
    .select("sha256")
    .where("model_id", "=", modelId)
    .where("kind", "=", "full")
    .execute();
  return rows.flatMap(({ sha256 }) => (sha256 === null ? [] : [sha256]));
}

/** `name:version` of the first version with each checksum: an engine knows its weights by checksum only. */
export async function namesByChecksum(
  { db }: Database,
  checksums: readonly string[],
): Promise<Map<string, string>> {
  if (checksums.length === 0) return new Map();
  const rows = await db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["models.name as name", "model_versions.version as version", "model_versions.sha256 as sha256"])
    .where("model_versions.sha256", "in", [...checksums])
    .orderBy("model_versions.created_at", "desc")
    .execute();
  // Newest first, so that the oldest is what stays.
  return new Map(rows.map((row) => [row.sha256 ?? "", `${row.name}:${row.version}`]));
}
