import type { Queries } from "../storage/database.ts";
import { lineage as lineageSchema } from "@hearth/wire/hub/models";
import type { VersionRow } from "./present.ts";

/** What the hub knows of a version of its own, as tags that MLflow's clients can read and search. */
export function tagsOfVersion(row: Pick<VersionRow, "kind" | "sha256" | "lineage">): Record<string, string> {
  const { dataset, base, code } = lineageSchema.parse(JSON.parse(row.lineage));
  return {
    "hearth.kind": row.kind,
    ...(row.sha256 === null ? {} : { "hearth.sha256": row.sha256 }),
    ...(dataset === null ? {} : { "hearth.dataset": dataset.name, "hearth.dataset_sha256": dataset.sha256 }),
    ...(base === null ? {} : { "hearth.base": base.reference, "hearth.base_sha256": base.sha256 }),
    ...(code.commit === null ? {} : { "mlflow.source.git.commit": code.commit }),
  };
}

/** Sets tags of a version; those of the same keys are replaced. */
export async function setVersionTags(
  db: Queries,
  versionId: string,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  const rows = Object.entries(tags).map(([key, value]) => ({ version_id: versionId, key, value }));
  if (rows.length === 0) return;
  await db
    .insertInto("model_version_tags")
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(["version_id", "key"]).doUpdateSet((row) => ({ value: row.ref("excluded.value") })),
    )
    .execute();
}
