import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { stateEnding } from "./prefix-shelf.ts";

/** What is left of a write that was interrupted is deleted when nobody can be writing it any more. */
const leftoverMs = 3_600_000;

interface StoredFile {
  path: string;
  bytes: number;
  usedMs: number;
}

/**
 * Deletes the stored prefixes that were unused for longest until all of them, of all models, take
 * `maxBytes` at most, and what interrupted writes left behind.
 */
export async function limitPrefixes(root: string, maxBytes: number): Promise<void> {
  const files = await filesBelow(root);
  const states = files.filter(({ path }) => path.endsWith(stateEnding));
  let total = states.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, bytes } of states.toSorted((a, b) => a.usedMs - b.usedMs)) {
    if (total <= maxBytes) break;
    const name = path.slice(0, -stateEnding.length);
    await rm(`${name}.json`, { force: true });
    await rm(path, { force: true });
    total -= bytes;
  }
  const names = new Set(files.map(({ path }) => path));
  for (const { path, usedMs } of files) {
    const half = path.endsWith(".part") || !names.has(path.replace(/\.state$/, ".json"));
    if (half && Date.now() - usedMs > leftoverMs) await rm(path, { force: true });
  }
}

/** How many prefixes are stored, of all models, and what they take. */
export async function storedPrefixes(root: string): Promise<{ stored: number; bytes: number }> {
  const states = (await filesBelow(root)).filter(({ path }) => path.endsWith(stateEnding));
  return { stored: states.length, bytes: states.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function filesBelow(root: string): Promise<StoredFile[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  const files: StoredFile[] = [];
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // Another engine may have deleted it meanwhile.
    const found = await stat(path).catch(() => null);
    if (found !== null) files.push({ path, bytes: found.size, usedMs: found.mtimeMs });
  }
  return files;
}
