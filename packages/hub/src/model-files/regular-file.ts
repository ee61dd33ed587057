import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { ModelFileInvalid, quoted } from "./invalid.ts";

/** Opens for reading without following a pipe or device into an endless wait. */
export async function openRegularFile(path: string): Promise<FileHandle> {
  const nonBlocking = constants.O_NONBLOCK ?? 0;
  const file = await open(path, constants.O_RDONLY | nonBlocking);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new ModelFileInvalid(`${quoted(path, 400)} is not a regular file.`);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** `byteLength` bytes from `offset`, in an own aligned buffer. Errors: {@link ModelFileInvalid} when the file is shorter. */
export async function readExactly(file: FileHandle, offset: number, byteLength: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(byteLength);
  let filled = 0;
  while (filled < byteLength) {
    // One system call reads less than 2 GiB.
    const wanted = Math.min(byteLength - filled, 2 ** 30);
    const { bytesRead } = await file.read(bytes, filled, wanted, offset + filled);
    if (bytesRead === 0) {
      throw new ModelFileInvalid(
        `The model file became shorter: ${byteLength} bytes were expected at ${offset}, ${filled} are there.`,
      );
    }
    filled += bytesRead;
  }
  return bytes;
}
