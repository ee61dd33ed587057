import { openAsBlob } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { UploadedFile } from "@hearth/sdk";
import { splitFileNames } from "../datasets/split-files.ts";
import { UsageError } from "./errors.ts";

const SPLIT_FILES = Object.values(splitFileNames).flat();

/**
 * The files that make up a dataset on this machine: one JSONL, CSV or Parquet file, or the split files of
 * a folder. They are sent to the hub, which may run on another machine.
 */
export async function collectDatasetFiles(path: string): Promise<UploadedFile[]> {
  const found = await statOrNull(path);
  if (!found) throw new UsageError(`there is no file or folder ${path}`);
  if (found.isFile()) return [{ name: basename(path), content: await openAsBlob(path) }];
  const files: UploadedFile[] = [];
  for (const name of SPLIT_FILES) {
    const file = join(path, name);
    if (await statOrNull(file)) files.push({ name, content: await openAsBlob(file) });
  }
  if (files.length === 0) throw new UsageError(`the folder ${path} holds none of ${SPLIT_FILES.join(", ")}`);
  return files;
}

/** Whether `path` leads to something on this machine. */
export async function isLocalPath(path: string): Promise<boolean> {
  return (await statOrNull(path)) !== null;
}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return null;
    throw error;
  }
}
