import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import type { Database } from "../storage/database.ts";

/** The place in the artifact tree where the files of the hub's own versions can be read, each below its id. */
export const versionFilesMount = "hub-versions";

/** Finds the folder of a version that the hub keeps: what a job has made, or the imported file's. */
export function versionFolders(
  database: Database,
  artifacts: ArtifactStore,
): (versionId: string) => Promise<string | null> {
  return async (versionId) => {
    const row = await database.db
      .selectFrom("model_versions")
      .select("artifact_path")
      .where("id", "=", versionId)
      .executeTakeFirst();
    if (row === undefined) return null;
    const archive = artifacts.archiveFolder(versionId);
    if (await isFolder(archive)) return archive;
    return row.artifact_path === null ? null : dirname(artifacts.fromStored(row.artifact_path));
  };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
