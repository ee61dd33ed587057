import { randomUUID } from "node:crypto";
import { constants, createWriteStream, type WriteStream } from "node:fs";
import { mkdir, open, readdir, realpath, rename, rm, stat, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { HearthError } from "../../errors.ts";
import { makeFolder, syncPath } from "../fs/durable.ts";
import { fileErrorCode, translateWriteError } from "../fs/errors.ts";
import { isInside } from "../fs/paths.ts";
import { invalidPath, treePath } from "./tree-path.ts";

/** A file or a folder in a listing. */
export interface TreeEntry {
  /** The last part of its path. */
  name: string;
  isFolder: boolean;
  /** Bytes; null of a folder. */
  size: number | null;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
}

/** A file that is open for reading; dispose it, or give it to a stream that closes it. */
export interface OpenFile {
  handle: FileHandle;
  name: string;
  size: number;
  /** Milliseconds since the epoch. */
  modifiedAt: number;
  /** Another as soon as the content is another. */
  tag: string;
}

/**
 * Files that clients put and get by path, such as `1/<run>/artifacts/model/MLmodel`. A file that has its name is
 * whole and on disk. Paths are checked with {@link treePath}; nothing outside the tree is touched, also where
 * somebody has planted a symbolic link in it.
 */
export interface ArtifactTree {
  /** What is in a folder, by name; empty for a file and for what does not exist. */
  list(path: string): Promise<TreeEntry[]>;
  /** What is at a path; null where nothing is. */
  find(path: string): Promise<TreeEntry | null>;
  /** @throws HearthError `not_found`, `invalid_request` for a folder */
  open(path: string): Promise<OpenFile>;
  /**
   * Stores all that `bytes` gives, in place of an earlier file of that path. Nothing is left when it fails. The memory
   * of the chunks is taken over: whoever made them finds them empty afterwards.
   */
  write(path: string, bytes: Readable, signal: AbortSignal): Promise<void>;
  /** Removes a file or a folder with all it has; that there is none is fine. */
  remove(path: string): Promise<void>;
}

export interface TreeOptions {
  /** Made when it is missing. */
  root: string;
  /** A folder on the same disk, for what is not yet whole. */
  incoming: string;
  /** Read-only folders that appear in the tree as `<mount>/<name>`: where each is, or null. */
  mounts?: Readonly<Record<string, (name: string) => Promise<string | null>>>;
  /**
   * A read-only folder whose files appear at a path beside those that clients have put there, and where in it
   * the path is; null where there is none.
   */
  beside?: (names: readonly string[]) => Promise<Place | null>;
}

/** A folder, and the names that lead on from there. */
export interface Place {
  base: string;
  names: readonly string[];
}

/** Listings ask for this many sizes at a time. */
const statsAtOnce = 32;
const writeBuffer = 4 << 20;

export async function openArtifactTree({
  root,
  incoming,
  mounts = {},
  beside = () => Promise.resolve(null),
}: TreeOptions): Promise<ArtifactTree> {
  await makeFolder(root);
  await makeFolder(incoming);
  const realRoot = await realpath(root);

  /** The folder that a path belongs to, and its place in there; null where nothing can be. */
  const locate = async (path: string): Promise<Place | null> => {
    const [first = "", second = "", ...rest] = treePath(path);
    const mount = Object.hasOwn(mounts, first) ? mounts[first] : undefined;
    if (mount === undefined) return { base: realRoot, names: treePath(path) };
    const folder = second === "" ? null : await mount(second);
    return folder === null ? null : { base: folder, names: rest };
  };
  /** The real path of something that clients have put, or that a mount has. */
  const existing = (path: string): Promise<string | null> => real(locate(path), path);
  /** The same of what appears beside it. */
  const existingBeside = (path: string): Promise<string | null> => real(beside(treePath(path)), path);
  const real = async (found: Promise<Place | null>, path: string): Promise<string | null> => {
    try {
      const place = await found;
      if (place === null) return null;
      const base = await realpath(place.base);
      const file = await realpath(join(base, ...place.names));
      if (!isInside(file, base)) throw invalidPath(path, "It leads out of the tree.");
      return file;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  };
  const writable = (path: string): string[] => {
    const names = treePath(path);
    const [first = ""] = names;
    if (Object.hasOwn(mounts, first))
      throw invalidPath(path, `What is below "${first}" is made by the hub and only read.`);
    if (names.length === 0 || path.endsWith("/")) throw invalidPath(path, "It names no file.");
    return names;
  };

  return {
    list: async (path) => {
      const entries = new Map<string, TreeEntry>();
      // Later ones win: what clients have put.
      for (const folder of [await existingBeside(path), await existing(path)]) {
        if (folder !== null) for (const entry of await readFolder(folder)) entries.set(entry.name, entry);
      }
      return [...entries.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
    },

    find: async (path) => {
      const file = (await existing(path)) ?? (await existingBeside(path));
      if (file === null) return null;
      return await entryOf(file, treePath(path).at(-1) ?? "").catch((error: unknown) => {
        // Removed in between.
        if (isMissing(error)) return null;
        throw error;
      });
    },

    open: async (path) => {
      const file = (await existing(path)) ?? (await existingBeside(path));
      if (file === null) throw noSuchArtifact(path);
      return await openFile(file, path);
    },

    write: async (path, bytes, signal) => {
      const names = writable(path);
      const partial = join(incoming, `${randomUUID()}.partial`);
      const target = join(realRoot, ...names);
      try {
        const file = createWriteStream(partial, {
          flags: "wx",
          mode: 0o600,
          highWaterMark: writeBuffer,
          // Closed, and with it the pipeline done, only after an fsync.
          flush: true,
        });
        await copyInto(file, bytes, signal);
        await placeFile(partial, realRoot, names, path);
        await syncPath(join(target, ".."));
      } catch (error) {
        await rm(partial, { force: true });
        throw translateWriteError(whereFolderIs(error, path), target);
      }
    },

    remove: async (path) => {
      writable(path.replace(/\/+$/, ""));
      const found = await existing(path);
      if (found === null) return;
      try {
        if ((await stat(found)).isFile()) await unlink(found);
        else {
          // In one step: nobody sees half of a folder.
          const gone = join(incoming, `${randomUUID()}.removed`);
          await rename(found, gone);
          await rm(gone, { recursive: true, force: true });
        }
        await syncPath(join(found, ".."));
      } catch (error) {
        if (!isMissing(error)) throw translateWriteError(error, found);
      }
    },
  };
}

/** Files and folders in a folder; nothing of a file. Links and the like are left out. */
async function readFolder(folder: string): Promise<TreeEntry[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const found: TreeEntry[] = [];
  for (let start = 0; start < entries.length; start += statsAtOnce) {
    const some = entries
      .slice(start, start + statsAtOnce)
      .filter((entry) => entry.isDirectory() || entry.isFile())
      .map((entry) => entryOf(join(folder, entry.name), entry.name));
    for (const result of await Promise.allSettled(some)) {
      if (result.status === "fulfilled") found.push(...(result.value === null ? [] : [result.value]));
      // Removed since it was listed.
      else if (!isMissing(result.reason)) throw result.reason;
    }
  }
  return found;
}

/**
 * Like a pipeline, but a file that fails leaves the source open: it is a connection whose other end still has to
 * hear why, and which carries the next request afterwards.
 */
async function copyInto(file: WriteStream, bytes: Readable, signal: AbortSignal): Promise<void> {
  const written = finished(file, { signal });
  // A write that is under way fails once more when its file is closed, and nobody else listens by then.
  file.on("error", () => undefined);
  finished(bytes, { writable: false }).catch((error: unknown) =>
    file.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  const take = (chunk: Uint8Array): void => {
    if (!file.write(chunk, () => release(chunk))) bytes.pause();
  };
  const resume = (): void => void bytes.resume();
  const end = (): void => void file.end();
  file.on("drain", resume);
  bytes.once("end", end);
  bytes.on("data", take);
  try {
    await written;
  } catch (error) {
    bytes.off("data", take).off("end", end).pause();
    file.destroy();
    if (!file.closed) await new Promise<void>((resolve) => file.once("close", () => resolve()));
    throw error;
  }
}

/**
 * Gives a chunk's memory back at once. Left to the garbage collector, the chunks of an upload would make it
 * search the whole heap every few dozen megabytes: more work than the copying itself.
 */
function release({ buffer, byteLength }: Uint8Array): void {
  // Small buffers share theirs with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** Null of what is neither a file nor a folder. */
async function entryOf(path: string, name: string): Promise<TreeEntry | null> {
  const stats = await stat(path);
  if (!stats.isFile() && !stats.isDirectory()) return null;
  const isFolder = stats.isDirectory();
  return { name, isFolder, size: isFolder ? null : stats.size, modifiedAt: stats.mtimeMs };
}

async function openFile(file: string, path: string): Promise<OpenFile> {
  let handle: FileHandle;
  try {
    // O_NONBLOCK: a pipe that lies there must not hold the request for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) throw noSuchArtifact(path);
    throw error;
  }
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isDirectory()) {
      throw new HearthError(
        "invalid_request",
        `Artifact path refers to a directory, not a file: '${path.slice(0, 300)}'`,
        { details: { field: "path" } },
      );
    }
    if (!stats.isFile()) throw noSuchArtifact(path);
    return {
      handle,
      name: treePath(path).at(-1) ?? "",
      size: Number(stats.size),
      modifiedAt: Number(stats.mtimeMs),
      tag: `${stats.ino.toString(36)}-${stats.size.toString(36)}-${stats.mtimeNs.toString(36)}`,
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Gives a whole file its name. Its folder may be removed in between: then it is made once more. */
async function placeFile(partial: string, root: string, names: readonly string[], path: string) {
  for (let tries = 3; ; tries -= 1) {
    await makeFolders(root, names.slice(0, -1), path);
    try {
      await rename(partial, join(root, ...names));
      return;
    } catch (error) {
      if (fileErrorCode(error) !== "ENOENT" || tries === 0) throw error;
    }
  }
}

/** Makes the folders of a path one by one, each of them on disk and none of them through a link that leads out. */
async function makeFolders(root: string, names: readonly string[], path: string): Promise<void> {
  let folder = root;
  for (const name of names) {
    const next = join(folder, name);
    try {
      await mkdir(next, { mode: 0o700 });
      await syncPath(folder);
    } catch (error) {
      if (fileErrorCode(error) !== "EEXIST") throw error;
      const real = await realpath(next);
      if (!isInside(real, root)) throw invalidPath(path, "It leads out of the tree.");
    }
    folder = next;
  }
}

/** A file where a folder has to be, or the other way round, is the sender's mistake. */
function whereFolderIs(error: unknown, path: string): unknown {
  const code = fileErrorCode(error);
  if (code === "ENOTDIR") return invalidPath(path, "One of its folders is a file.");
  if (code === "EISDIR" || code === "ENOTEMPTY" || code === "EEXIST")
    return invalidPath(path, "There is a folder of that name.");
  if (code === "ENAMETOOLONG") return invalidPath(path, "It is too long.");
  return error;
}

function isMissing(error: unknown): boolean {
  const code = fileErrorCode(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "ENAMETOOLONG" || code === "ELOOP";
}

function noSuchArtifact(path: string): HearthError {
  return new HearthError("not_found", `No such artifact: '${path.slice(0, 300)}'`, {
    details: { path: path.slice(0, 300) },
  });
}
