import { randomUUID } from "node:crypto";
import { chmod, readdir, rm, stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { HearthError } from "../../errors.ts";
import { durableRename, makeFolder, syncTree } from "./durable.ts";
import { fileErrorCode, translateWriteError } from "./errors.ts";
import { isInside } from "./paths.ts";

export interface ArtifactLocations {
  /** HEARTH_HOME */
  home: string;
  /** Default `<home>/storage/active` */
  activePath?: string;
  /** Default `<home>/storage/archive` */
  archivePath?: string;
}

/**
 * The files of a hub. `models/<sha256>/` and `datasets/<sha256>/` are named by their content and never
 * change; `storage/active/<job>/` belongs to one running job; `storage/archive/<version id>/` is what a job
 * has made. Whatever has its final name is complete and on disk.
 */
export interface ArtifactStore {
  readonly home: string;
  /** A new empty folder, on the same disk as the content-addressed ones; remove or {@link place} it. */
  createIncoming(): Promise<string>;
  /** Moves an incoming folder to `<kind>/<sha256>`; drops it when that content is already there. Returns the final folder. */
  place(incoming: string, kind: "models" | "datasets", sha256: string): Promise<string>;
  /** Where content of that hash is, or would be. */
  contentFolder(kind: "models" | "datasets", sha256: string): string;
  removeContent(kind: "models" | "datasets", sha256: string): Promise<void>;
  /** The folder of a job, made when it is missing. */
  jobFolder(jobId: string): Promise<string>;
  removeJobFolder(jobId: string): Promise<void>;
  /** Names of what lies where jobs have their folders. */
  jobFolders(): Promise<string[]>;
  archiveFolder(versionId: string): string;
  /** Moves a finished folder (one below the active path) to the archive in one step. Returns the archive folder. */
  moveToArchive(folder: string, versionId: string): Promise<string>;
  removeArchive(versionId: string): Promise<void>;
  /** How a path is kept in the database: below home relative, so that home can be moved. */
  toStored(path: string): string;
  fromStored(stored: string): string;
}

/** Opens the store; makes its folders and removes what an interrupted import left behind. */
export async function openArtifactStore(locations: ArtifactLocations): Promise<ArtifactStore> {
  const home = resolve(locations.home);
  const active = resolve(locations.activePath ?? join(home, "storage", "active"));
  const archive = resolve(locations.archivePath ?? join(home, "storage", "archive"));
  const incoming = join(home, "incoming");
  await rm(incoming, { recursive: true, force: true });
  for (const folder of [home, incoming, join(home, "models"), join(home, "datasets"), active, archive]) {
    await makeFolder(folder);
  }
  await chmod(home, 0o700);

  const contentFolder = (kind: "models" | "datasets", sha256: string) =>
    join(home, kind, checkedName(sha256));

  return {
    home,
    createIncoming: async () => {
      const folder = join(incoming, randomUUID());
      await makeFolder(folder);
      return folder;
    },
    place: async (folder, kind, sha256) => {
      const target = contentFolder(kind, sha256);
      await moveFolder(folder, target, "keep existing");
      return target;
    },
    contentFolder,
    removeContent: async (kind, sha256) => {
      await rm(contentFolder(kind, sha256), { recursive: true, force: true });
    },
    jobFolder: async (jobId) => {
      const folder = join(active, checkedName(jobId));
      await makeFolder(folder);
      return folder;
    },
    removeJobFolder: async (jobId) => {
      await rm(join(active, checkedName(jobId)), { recursive: true, force: true });
    },
    jobFolders: () => readdir(active),
    archiveFolder: (versionId) => join(archive, checkedName(versionId)),
    moveToArchive: async (folder, versionId) => {
      const target = join(archive, checkedName(versionId));
      const source = resolve(folder);
      if (source === active || !isInside(source, active)) {
        throw new HearthError(
          "internal",
          `${folder} is not a folder of a job (below ${active}); nothing was archived.`,
        );
      }
      await moveFolder(source, target, "refuse existing");
      return target;
    },
    removeArchive: async (versionId) => {
      await rm(join(archive, checkedName(versionId)), { recursive: true, force: true });
    },
    toStored: (path) => (isInside(resolve(path), home) ? relative(home, resolve(path)) : resolve(path)),
    fromStored: (stored) => (isAbsolute(stored) ? stored : join(home, stored)),
  };
}

async function moveFolder(
  from: string,
  to: string,
  whenThere: "keep existing" | "refuse existing",
): Promise<void> {
  try {
    await syncTree(from);
    if (await exists(to)) {
      if (whenThere === "refuse existing" && (await readdir(to)).length > 0) {
        throw new HearthError("conflict", `${to} exists already; an archived version is never overwritten.`);
      }
      if (whenThere === "keep existing") {
        await rm(from, { recursive: true, force: true });
        return;
      }
    }
    await durableRename(from, to);
  } catch (error) {
    const code = fileErrorCode(error);
    if (whenThere === "keep existing" && (code === "ENOTEMPTY" || code === "EEXIST")) {
      // Another import of the same content was quicker.
      await rm(from, { recursive: true, force: true });
      return;
    }
    if (code === "EXDEV") {
      throw new HearthError(
        "configuration_invalid",
        `${from} and ${to} are on different disks, so a version cannot be archived in one step. ` +
          `Put STORAGE_ACTIVE_PATH and STORAGE_ARCHIVE_PATH on the same one.`,
        { cause: error },
      );
    }
    throw translateWriteError(error, to);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** Ids and checksums become folder names: nothing else may. */
function checkedName(name: string): string {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(name))
    throw new HearthError("internal", `${JSON.stringify(name)} cannot name a folder.`);
  return name;
}
