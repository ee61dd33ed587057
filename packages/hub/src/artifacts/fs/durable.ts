import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileErrorCode, translateWriteError } from "./errors.ts";

/** Makes what was written to a file, or the names in a folder, survive a power cut. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Windows and some network file systems cannot sync a folder.
    const code = fileErrorCode(error);
    if (code !== "EPERM" && code !== "EINVAL" && code !== "EISDIR" && code !== "ENOTSUP") throw error;
  } finally {
    await handle.close();
  }
}

/** {@link syncPath} on every file and folder below `folder`, and on `folder`. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncPath(path);
  }
  await syncPath(folder);
}

/** Renames and makes both folders remember it. Both paths must be on one file system. */
export async function durableRename(from: string, to: string): Promise<void> {
  await rename(from, to);
  await syncPath(dirname(to));
  if (dirname(from) !== dirname(to)) await syncPath(dirname(from));
}

/**
 * Writes a whole file so that a reader sees the old content or the new one, never a part,
 * also after a power cut.
 *
 * @throws HearthError `resource_exhausted` when the disk is full; the old file is untouched then.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`;
  try {
    const handle = await open(partial, "wx", 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await durableRename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw translateWriteError(error, path);
  }
}

/** Makes a folder with all its parents, readable for the owner only. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw translateWriteError(error, path);
  }
}
