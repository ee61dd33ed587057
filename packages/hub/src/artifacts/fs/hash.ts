import { createHash } from "node:crypto";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

const chunkBytes = 1 << 20;

/**
 * sha256 of a file in lower-case hexadecimal, read in pieces of 1 MiB.
 *
 * @throws what the file system says, or the signal's reason.
 */
export async function hashFile(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const handle = await open(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
  return hash.digest("hex");
}

/** One line a file, by name, as `sha256sum` prints it: its sha256 identifies a model that is a folder. */
export function manifestOf(checksums: Readonly<Record<string, string>>): string {
  return Object.entries(checksums)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sha256]) => `${sha256}  ${name}\n`)
    .join("");
}

/**
 * sha256 of a folder of files: of its {@link manifestOf}.
 *
 * @throws what the file system says, or the signal's reason.
 */
export async function hashFolder(path: string, signal?: AbortSignal): Promise<string> {
  const checksums: Record<string, string> = {};
  for (const name of await readdir(path)) checksums[name] = await hashFile(join(path, name), signal);
  return createHash("sha256").update(manifestOf(checksums)).digest("hex");
}
