import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { insertEvent } from "./events.ts";
import type { ModelRow, VersionRow } from "./present.ts";
import { findVersionById } from "./references.ts";
import type { Registry, RegistryContext } from "./registry.ts";

/** Takes versions away for good, with the aliases that point to them and the files that nothing else uses. */
export function createVersionRemoval(context: RegistryContext): Pick<Registry, "deleteVersion"> {
  const { database, artifacts, fileTurns, now } = context;
  return {
    deleteVersion: (versionId) =>
      fileTurns.run(async () => {
        const hash = await database.transaction(async (db) => {
          const found = await findVersionById(db, versionId);
          if (found === undefined) {
            throw new HearthError("not_found", `There is no model version ${versionId.slice(0, 300)}.`);
          }
          const { model, version } = found;
          await db.updateTable("models").set({ updated_at: now() }).where("id", "=", model.id).execute();
          await refuseWhileNeeded(db, model, version);
          await db.deleteFrom("model_versions").where("id", "=", version.id).execute();
          const details = { source: version.source, sha256: version.sha256 };
          await insertEvent(
            db,
            model.id,
            { kind: "version_deleted", version: version.version, details },
            now(),
          );
          if (version.sha256 === null) return null;
          const other = await db
            .selectFrom("model_versions")
            .select("id")
            .where("sha256", "=", version.sha256)
            .limit(1)
            .executeTakeFirst();
          return other === undefined ? version.sha256 : null;
        });
        // Only now is it certain that nothing names them any more.
        await artifacts.removeArchive(versionId);
        if (hash !== null) await artifacts.removeContent("models", hash);
      }),
  };
}

async function refuseWhileNeeded(db: Queries, model: ModelRow, version: VersionRow): Promise<void> {
  const name = `${model.name}:${version.version}`;
  const adapters = await db
    .selectFrom("model_versions")
    .innerJoin("models", "models.id", "model_versions.model_id")
    .select(["models.name", "model_versions.version"])
    .where("model_versions.base_version_id", "=", version.id)
    .orderBy("models.name")
    .limit(5)
    .execute();
  if (adapters.length > 0) {
    const dependents = adapters.map((row) => `${row.name}:${row.version}`);
    throw new HearthError(
      "conflict",
      `${name} is the base of ${dependents.join(", ")}; delete those versions first.`,
      {
        details: { version: name, dependents },
      },
    );
  }
  const jobs = await db
    .selectFrom("jobs")
    .select("id")
    .where("version_id", "=", version.id)
    .where("status", "in", ["queued", "running"])
    .execute();
  if (jobs.length > 0) {
    throw new HearthError("conflict", `A job of ${name} is waiting or running; cancel it first.`, {
      details: { version: name, jobs: jobs.map((job) => job.id) },
    });
  }
}
