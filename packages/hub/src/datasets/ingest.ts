import { createHash } from "node:crypto";
import { open, readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { splitName, type DatasetSplit, type SourceFormat, type SplitName } from "@hearth/wire/hub/datasets";
import { translateWriteError } from "../artifacts/fs/errors.ts";
import { resolveInside } from "../artifacts/fs/paths.ts";
import { HearthError } from "../errors.ts";
import { openRegularFile } from "../model-files/regular-file.ts";
import { DatasetInspector } from "./inspect.ts";
import { DatasetInvalid, excerpt } from "./invalid.ts";
import { indexPath, LineIndex } from "./line-index.ts";
import { splitFileNames } from "./split-files.ts";

/** One split before it is read: where its bytes come from and what messages call it. */
export interface SplitSource {
  split: SplitName;
  /** For messages. */
  name: string;
  format: SourceFormat;
  bytes: () => AsyncIterable<Uint8Array>;
}

/** A dataset that was read, checked and copied to a folder, and is not registered yet. */
export interface IngestedDataset extends ReturnType<DatasetInspector["summary"]> {
  checksum: string;
  splits: Partial<Record<SplitName, DatasetSplit>>;
}

/** By the extension of a file; all others are read as JSONL. */
function formatOfFile(name: string): SourceFormat {
  const extension = extname(name).toLowerCase();
  if (extension === ".csv" || extension === ".tsv") return "csv";
  return extension === ".parquet" ? "parquet" : "jsonl";
}

function splitSource(split: SplitName, name: string, bytes: SplitSource["bytes"]): SplitSource {
  return { split, name, format: formatOfFile(name), bytes };
}

/**
 * The splits of one file (all of it is `train`) or of a folder with train.jsonl, .csv or .parquet.
 *
 * @throws HearthError `path_not_allowed`, `not_found`, DatasetInvalid when the folder has no train.jsonl.
 */
export async function sourcesAt(
  path: string,
  dataPaths: readonly string[],
): Promise<{ path: string; sources: SplitSource[] }> {
  const real = await resolveInside(path, dataPaths);
  const found = await stat(real);
  if (!found.isFile() && !found.isDirectory()) {
    throw new DatasetInvalid({
      file: real,
      found: "a pipe or device",
      expected: "a JSONL, CSV or Parquet file, or a folder with train.jsonl",
    });
  }
  if (found.isFile()) {
    return {
      path: real,
      sources: [splitSource("train", basename(real), () => readFileBytes(real))],
    };
  }
  const sources: SplitSource[] = [];
  const present = new Set(await readdir(real));
  for (const [name, split] of namedSplits(present)) {
    // Each file on its own: a link in an allowed folder may lead out of it.
    const file = await resolveInside(join(real, name), dataPaths);
    sources.push(splitSource(split, name, () => readFileBytes(file)));
  }
  requireTrain(sources, `the folder ${real}`, [...present]);
  return { path: real, sources };
}

/** The splits of uploaded files: one file of any name, or files named like those of a folder. */
export function sourcesOfUpload(
  files: readonly { name: string; bytes: () => AsyncIterable<Uint8Array> }[],
): SplitSource[] {
  const [only] = files;
  if (only !== undefined && files.length === 1)
    return [splitSource("train", basename(only.name), only.bytes)];
  const byName = new Map(files.map((file) => [basename(file.name), file]));
  const sources: SplitSource[] = [];
  for (const [name, split] of namedSplits(new Set(byName.keys()))) {
    const file = byName.get(name);
    if (file !== undefined) sources.push(splitSource(split, name, file.bytes));
  }
  requireTrain(sources, "the upload", [...byName.keys()]);
  if (sources.length !== files.length) {
    throw new HearthError(
      "invalid_request",
      `The upload has the files ${excerpt(files.map((file) => file.name).join(", "))}; several files must be named train.jsonl, validation.jsonl and test.jsonl (or .csv, .parquet).`,
      { details: { field: "files" } },
    );
  }
  return sources;
}

/** Reads every split once: checks its rows, hashes it and copies it to `<folder>/<split>.jsonl`. */
export async function ingest(
  sources: readonly SplitSource[],
  folder: string,
  signal: AbortSignal,
): Promise<IngestedDataset> {
  const inspector = new DatasetInspector();
  const splits: Partial<Record<SplitName, DatasetSplit>> = {};
  for (const source of sources) {
    const inspected = inspector.file(source.name);
    const file = `${source.split}.jsonl`;
    const lines = new LineIndex();
    const path = join(folder, file);
    const copied = await copyWhileReading(
      source.bytes(),
      path,
      (chunk) => {
        inspected.push(chunk);
        lines.push(chunk);
      },
      signal,
    );
    await lines.write(indexPath(path));
    splits[source.split] = { file, rows: inspected.end(), ...copied };
  }
  return { ...inspector.summary(), splits, checksum: checksumOf(Object.values(splits)) };
}

/** sha256 of a single file; of several, over the sorted lines `file sha256`. */
export function checksumOf(splits: readonly Pick<DatasetSplit, "file" | "sha256">[]): string {
  const [only] = splits;
  if (only !== undefined && splits.length === 1) return only.sha256;
  const lines = splits.map((split) => `${split.file} ${split.sha256}\n`).toSorted();
  return createHash("sha256").update(lines.join("")).digest("hex");
}

/** Copies bytes to a new file and hashes them; `inspect` sees each piece first. */
export async function copyWhileReading(
  bytes: AsyncIterable<Uint8Array>,
  target: string,
  inspect: (chunk: Uint8Array) => void,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let size = 0;
  const handle = await open(target, "wx", 0o444).catch((error: unknown) => {
    throw translateWriteError(error, target);
  });
  try {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      inspect(chunk);
      hash.update(chunk);
      size += chunk.length;
      try {
        await handle.writeFile(chunk);
      } catch (error) {
        throw translateWriteError(error, target);
      }
    }
  } finally {
    await handle.close();
  }
  return { bytes: size, sha256: hash.digest("hex") };
}

/** Checking the rows of one piece takes about a millisecond, which is how long others wait. */
const readBytes = 1 << 16;

/** A file in pieces of 64 KiB, from `offset` on. Refuses what is not a regular file: a pipe would wait for ever. */
export async function* readFileBytes(path: string, offset = 0): AsyncGenerator<Uint8Array> {
  const handle = await openRegularFile(path);
  try {
    for (let position = offset; ;) {
      const buffer = Buffer.allocUnsafe(readBytes);
      const { bytesRead } = await handle.read(buffer, 0, readBytes, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

function* namedSplits(present: ReadonlySet<string>): Generator<[string, SplitName]> {
  for (const split of splitName.options) {
    const found = splitFileNames[split].filter((name) => present.has(name));
    if (found.length > 1) {
      throw new DatasetInvalid({
        file: found.join(" and "),
        found: `two files for ${split}`,
        expected: "one of them",
      });
    }
    if (found[0] !== undefined) yield [found[0], split];
  }
}

function requireTrain(sources: readonly SplitSource[], where: string, present: readonly string[]): void {
  if (sources.some((source) => source.split === "train")) return;
  const found =
    present.length === 0
      ? `nothing in ${where}`
      : `no train.jsonl in ${where}, only ${excerpt(present.slice(0, 10).join(", "))}`;
  throw new DatasetInvalid({
    file: "train.jsonl",
    found,
    expected: "train.jsonl, and validation.jsonl and test.jsonl if there are any (or .csv, .parquet)",
  });
}
