import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { hashFile, manifestOf } from "../artifacts/fs/hash.ts";
import { makeFolder } from "../artifacts/fs/durable.ts";
import { translateWriteError } from "../artifacts/fs/errors.ts";
import { validateMlxFolder, type MlxSummary } from "../model-files/mlx/validate-folder.ts";

export interface ImportedFolder {
  /** Of {@link manifestOf} the files. */
  sha256: string;
  /** File name → sha256. */
  checksums: Record<string, string>;
  summary: MlxSummary;
}

/**
 * Checks a folder with a model in MLX's format and copies the files that belong to it into `target`, which must
 * not exist. Runs in the import process.
 *
 * Errors: ModelFileInvalid with the reason, `resource_exhausted` on a full disk.
 */
export async function importFolder(source: string, target: string): Promise<ImportedFolder> {
  // A wrong folder is refused before gigabytes are copied; the copy decides, as the source may change meanwhile.
  const { files, summary } = await validateMlxFolder(source);
  await makeFolder(target);
  for (const { name } of files) {
    const copy = join(target, name);
    try {
      await copyFile(join(source, name), copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
      await chmod(copy, 0o444);
    } catch (error) {
      throw translateWriteError(error, copy);
    }
  }
  const copied = await validateMlxFolder(target);
  const checksums: Record<string, string> = {};
  for (const { name } of copied.files) checksums[name] = await hashFile(join(target, name));
  const sha256 = createHash("sha256").update(manifestOf(checksums)).digest("hex");
  return { sha256, checksums, summary: { ...copied.summary, name: summary.name } };
}
