import { stat } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import type { Place } from "../artifacts/tree/tree.ts";
import type { Database } from "../storage/database.ts";

/** The place in the artifact tree where the files of the hub's own versions can be read, each below its id. */
export const versionFilesMount = "hub-versions";

export interface VersionFiles {
  /** The folder of a version that the hub keeps: what a job has made, or the imported file's. */
  readonly folderOf: (versionId: string) => Promise<string | null>;
  /** Of a path below a run's artifacts: the folder of the version that the hub has made in that run. */
  readonly madeIn: (names: readonly string[]) => Promise<Place | null>;
}

export function createVersionFiles(database: Database, artifacts: ArtifactStore): VersionFiles {
  const folder = async ({ id, artifact_path: stored }: { id: string; artifact_path: string | null }) => {
    const archive = artifacts.archiveFolder(id);
    if (await isFolder(archive)) return archive;
    // A folder outside of the hub's home may hold other things than a model.
    return stored === null || isAbsolute(stored) ? null : dirname(artifacts.fromStored(stored));
  };
  const versions = () => database.db.selectFrom("model_versions").select(["id", "artifact_path"]);
  return {
    folderOf: async (versionId) => {
      const row = await versions().where("id", "=", versionId).executeTakeFirst();
      return row === undefined ? null : await folder(row);
    },
    madeIn: async ([, runId = "", artifactsName, ...names]) => {
      if (artifactsName !== "artifacts") return null;
      const row = await versions()
        .where("source_run_id", "=", runId)
        .where("artifact_path", "is not", null)
        .orderBy("created_at")
        .executeTakeFirst();
      const base = row === undefined ? null : await folder(row);
      return base === null ? null : { base, names };
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
