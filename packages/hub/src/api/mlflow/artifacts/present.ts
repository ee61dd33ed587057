import type { TreeEntry } from "../../../artifacts/tree/tree.ts";

/** A file as MLflow lists it, below `folder` ("" for the names alone). */
export function presentFile(entry: TreeEntry, folder: string): object {
  const path = folder === "" ? entry.name : `${folder.replace(/\/+$/, "")}/${entry.name}`;
  return entry.isFolder ? { path, is_dir: true } : { path, is_dir: false, file_size: entry.size };
}
