import { stat } from "node:fs/promises";
import { join } from "node:path";
import { dataset as datasetSchema, type Dataset } from "@hearth/wire/hub/datasets";
import { fileErrorCode } from "../artifacts/fs/errors.ts";
import { hashFile } from "../artifacts/fs/hash.ts";

const { sources, mapping, division } = datasetSchema.shape;
const originSchema = datasetSchema.pick({ sources: true, mapping: true, division: true });

/** What a dataset was made from, and how. */
export type DatasetOrigin = Pick<Dataset, "sources" | "mapping" | "division">;

/** As it is kept; null: registered before it was. */
export function presentOrigin(stored: string | null): DatasetOrigin {
  if (stored === null)
    return { sources: sources.parse([]), mapping: mapping.parse(null), division: division.parse(null) };
  return originSchema.parse(JSON.parse(stored));
}

/**
 * What became of the files that a dataset was registered from by path: one sentence for each that is gone or has
 * changed. Of uploaded files nothing is known.
 */
export async function notesOnSources(
  { path, sources: given }: Dataset,
  signal: AbortSignal,
): Promise<string[]> {
  if (path.startsWith("upload:")) return [];
  const notes: string[] = [];
  for (const { file, sha256 } of given) {
    const source = path.endsWith(file) ? path : join(path, file);
    try {
      // A pipe in its place would be waited for.
      const isFile = (await stat(source)).isFile();
      if (isFile && (await hashFile(source, signal)) === sha256) continue;
      notes.push(`${source} has changed since; register it again to have its rows in a new version.`);
    } catch (error) {
      signal.throwIfAborted();
      notes.push(`${source} cannot be read any more (${fileErrorCode(error) ?? String(error)}).`);
    }
  }
  return notes;
}
