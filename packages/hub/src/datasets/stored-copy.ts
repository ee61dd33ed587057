import { join } from "node:path";
import type { Dataset } from "@hearth/wire/hub/datasets";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { hashFile } from "../artifacts/fs/hash.ts";

/** Hashes the files of a stored copy; a problem is one that is missing or not what was registered. */
export async function hashStored(
  folder: string,
  splits: Dataset["splits"],
  signal: AbortSignal,
): Promise<{ found: { file: string; sha256: string }[]; problems: string[] }> {
  const found: { file: string; sha256: string }[] = [];
  const problems: string[] = [];
  for (const split of Object.values(splits)) {
    const path = join(folder, split.file);
    try {
      const sha256 = await hashFile(path, signal);
      found.push({ file: split.file, sha256 });
      if (sha256 === split.sha256) continue;
      problems.push(`${path} has changed: its sha256 is ${sha256}, registered was ${split.sha256}.`);
    } catch (error) {
      signal.throwIfAborted();
      problems.push(`${path} cannot be read (${fileErrorCode(error) ?? String(error)}).`);
    }
  }
  return { found, problems };
}
