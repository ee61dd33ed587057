import { createHash } from "node:crypto";
import { open } from "node:fs/promises";

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
