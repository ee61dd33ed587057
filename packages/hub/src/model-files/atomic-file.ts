import { open, rename, rm } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Writes a file so that its name never shows half of it: `write` fills `path + ".partial"`, which is
 * flushed to the disk and renamed. When `write` throws, the partial file is removed and what was at
 * `path` before stays untouched.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
): Promise<void> {
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  // "wx": a link that somebody put there in between is not followed.
  const file = await open(partial, "wx");
  try {
    await write(file);
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/** Makes the rename itself durable; Windows cannot open folders and does not need it. */
async function flushFolder(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Writes all of `bytes` at the file's current position; a full disk throws the system's own error. */
export async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, written, bytes.byteLength - written);
    written += bytesWritten;
  }
}
