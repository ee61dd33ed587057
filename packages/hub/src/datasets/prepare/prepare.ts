import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetDivision, DatasetFormat, DatasetMapping, SplitName } from "@hearth/wire/hub/datasets";
import { DatasetInvalid } from "../invalid.ts";
import { formatOf, toRow, type DatasetRow } from "../rows.ts";
import { readCsv } from "./csv.ts";
import { divideAt, rowKey, RowKeys } from "./divide.ts";
import { fileLines } from "./file-lines.ts";
import { readJsonl } from "./jsonl.ts";
import { LineWriter, type WriteBudget } from "./line-writer.ts";
import { columnsOf, mapRecord, mappingFor } from "./mapping.ts";
import type { PrepareCommand, PreparedFiles } from "./messages.ts";
import { readParquet } from "./parquet.ts";
import type { RecordReader, SourceRecord } from "./records.ts";

/** Bytes of all rows as JSONL, at least, and at most. */
const leastLimit = 2 ** 26;
const mostLimit = 8 * 2 ** 30;
/** Rows are rarely more than a tenth as large when they are compressed. */
const expansion = 100;

type Source = PrepareCommand["sources"][number];

/**
 * Makes JSONL files of sources in other forms, and divides the rows of one file. Runs in a process of its own: what
 * it reads may be made to block or to take memory.
 *
 * @throws DatasetInvalid with line or row; HearthError `invalid_request` for a division that leaves a split empty,
 * `too_large`, `resource_exhausted`.
 */
export async function prepare({ into, sources, mapping, division }: PrepareCommand): Promise<PreparedFiles> {
  const limit = await writeLimit(sources);
  const budget: WriteBudget = { left: limit, limit };
  const keys = division === null ? null : new RowKeys();
  const files: { split: SplitName; path: string }[] = [];
  let format: DatasetFormat | undefined;
  for (const source of sources) {
    const path = join(into, division === null ? `${source.split}.jsonl` : "all.jsonl");
    await using writer = await LineWriter.open(path, budget);
    for await (const { line, row } of rowsOf(source, mapping, () => format)) {
      format ??= row.format;
      keys?.add(rowKey(row, division?.seed ?? 0));
      await writer.write(line);
    }
    files.push({ split: source.split, path });
  }
  if (division === null || keys === null) return { files };
  const [all] = files;
  if (all === undefined) return { files };
  const divided = await divide(all.path, into, keys, divideAt(keys.sorted(), division), division.ratios);
  await rm(all.path);
  return { files: divided };
}

/** A few hundred bytes of a compressed file can stand for terabytes. */
async function writeLimit(sources: readonly Source[]): Promise<number> {
  const sizes = await Promise.all(sources.map(async ({ path }) => (await stat(path)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return Math.min(mostLimit, Math.max(leastLimit, expansion * bytes));
}

async function* rowsOf(
  source: Source,
  mapping: DatasetMapping | null,
  known: () => DatasetFormat | undefined,
): AsyncGenerator<{ line: string; row: DatasetRow }> {
  let chosen = mapping;
  const { records } = await open(source, (columns) => {
    chosen = mappingFor(columns, mapping, source.name);
    return columnsOf(chosen);
  });
  for await (const record of records) {
    const object =
      chosen === null ? Object.fromEntries(record.values) : mapRecord(record, chosen, source.name);
    const row = checked(object, record, known(), source.name);
    yield { line: (chosen === null ? record.text : undefined) ?? JSON.stringify(object), row };
  }
}

async function open(
  { format, path, name }: Source,
  choose: (columns: readonly string[]) => readonly string[],
): Promise<RecordReader> {
  switch (format) {
    case "jsonl":
      return readJsonl(path, name);
    case "csv": {
      const reader = await readCsv(path, name);
      choose(reader.columns ?? []);
      return reader;
    }
    case "parquet":
      return await readParquet(path, name, choose);
  }
}

function checked(
  object: Record<string, unknown>,
  { place }: SourceRecord,
  known: DatasetFormat | undefined,
  file: string,
): DatasetRow {
  try {
    return toRow(object, known ?? formatOf(object, file, 1), file, 1);
  } catch (error) {
    if (!(error instanceof DatasetInvalid)) throw error;
    const { found, expected } = error.fault;
    throw new DatasetInvalid({ file, ...place, found, expected }, error.cause);
  }
}

/** The rows of the one file, each to its split's. */
async function divide(
  all: string,
  into: string,
  keys: RowKeys,
  splitOf: (key: number) => SplitName,
  ratios: DatasetDivision["ratios"],
): Promise<PreparedFiles["files"]> {
  // The second writing is not more than the first: nothing to guard.
  const budget: WriteBudget = { left: Infinity, limit: Infinity };
  const writers = new Map<SplitName, LineWriter>();
  for (const split of ["train", "validation", "test"] as const) {
    if (ratios[split] !== undefined)
      writers.set(split, await LineWriter.open(join(into, `${split}.jsonl`), budget));
  }
  let index = 0;
  try {
    for await (const lines of fileLines(all, "the rows")) {
      for (const { bytes } of lines) {
        await writers.get(splitOf(keys.at(index++)))?.write(Buffer.from(bytes).toString("utf8"));
      }
    }
  } finally {
    for (const writer of writers.values()) await writer.close();
  }
  return [...writers].map(([split, { path }]) => ({ split, path }));
}
