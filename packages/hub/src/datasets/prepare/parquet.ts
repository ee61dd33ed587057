import { open, type FileHandle } from "node:fs/promises";
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import { parquetMetadataAsync, parquetReadObjects, parquetSchema, snappyUncompress } from "hyparquet";
import type { AsyncBuffer, Compressors, FileMetaData } from "hyparquet";
import { DatasetInvalid, excerpt } from "../invalid.ts";
import { largestCell, type RecordReader, type SourceRecord } from "./records.ts";

/** Bytes of the chosen columns of one row group, uncompressed; they are in memory together. */
const largestRowGroup = 512 * 2 ** 20;
/** The footer of a file of thousands of row groups has a few MB. */
const largestFooter = 64 * 2 ** 20;

/** Formats that are decoded to what a row may hold: text, numbers, truth values, and lists and structs of them. */
const parsers = {
  stringFromBytes: (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
  jsonFromBytes: (bytes: Uint8Array): string => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
};

/**
 * Reads a Parquet file: its columns first, then the rows of the `chosen` ones, a row group at a time.
 *
 * @throws DatasetInvalid: no Parquet, a compression that is not read here, a row group that would not fit into
 * memory, bad UTF-8.
 */
export async function readParquet(
  path: string,
  file: string,
  chosen: (columns: readonly string[]) => readonly string[],
): Promise<RecordReader> {
  const handle = await open(path, "r");
  try {
    const source = await bufferOf(handle);
    const metadata = await metadataOf(source, file);
    const columns = parquetSchema(metadata).children.map(({ element }) => element.name);
    const wanted = chosen(columns);
    return { columns, records: recordsOf(handle, source, metadata, wanted, file) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function* recordsOf(
  handle: FileHandle,
  source: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
  file: string,
): AsyncGenerator<SourceRecord> {
  let row = 0;
  try {
    for (const group of metadata.row_groups) {
      const rows = Number(group.num_rows);
      checkGroup(group, columns, { file, row: row + 1 });
      const objects = await parquetReadObjects({
        file: source,
        metadata,
        columns: [...columns],
        rowStart: row,
        rowEnd: row + rows,
        compressors: compressors({ left: largestRowGroup }),
        parsers,
      }).catch((error: unknown) => Promise.reject(unreadable(error, file, row + 1)));
      if (objects.length !== rows)
        throw unreadable(new Error(`${objects.length} rows of ${rows}`), file, row + 1);
      for (const [index, object] of objects.entries()) {
        yield { place: { row: row + index + 1 }, values: new Map(Object.entries(object)) };
      }
      row += rows;
    }
  } finally {
    await handle.close();
  }
}

function checkGroup(
  group: FileMetaData["row_groups"][number],
  columns: readonly string[],
  place: { file: string; row: number },
): void {
  let bytes = 0;
  for (const { meta_data: column } of group.columns) {
    if (column === undefined || !columns.includes(column.path_in_schema[0] ?? "")) continue;
    bytes += Number(column.total_uncompressed_size);
    if (!readCodecs.has(column.codec)) {
      throw new DatasetInvalid({
        ...place,
        found: `a column compressed with ${column.codec}`,
        expected: `one of ${[...readCodecs].join(", ")}`,
      });
    }
  }
  if (bytes <= largestRowGroup) return;
  throw new DatasetInvalid({
    ...place,
    found: `a row group whose columns are ${bytes.toLocaleString("en")} bytes uncompressed`,
    expected: `row groups of at most ${largestRowGroup.toLocaleString("en")}; write the file with smaller ones`,
  });
}

const readCodecs: ReadonlySet<string> = new Set(["UNCOMPRESSED", "SNAPPY", "GZIP", "BROTLI", "ZSTD"]);

/** What a page says of its own size is not believed beyond the budget of its row group. */
function compressors(budget: { left: number }): Compressors {
  const within =
    (decompress: (input: Uint8Array, length: number) => Uint8Array) =>
    (input: Uint8Array, length: number): Uint8Array => {
      budget.left -= length;
      if (!(length >= 0) || budget.left < 0)
        throw new RangeError(`pages of more than ${largestRowGroup} bytes`);
      return decompress(input, length);
    };
  return {
    SNAPPY: within((input, length) => {
      const output = new Uint8Array(length);
      snappyUncompress(input, output);
      return output;
    }),
    GZIP: within((input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) })),
    BROTLI: within((input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
    ZSTD: within((input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
  };
}

async function metadataOf(source: AsyncBuffer, file: string): Promise<FileMetaData> {
  try {
    const tail = new DataView(await source.slice(Math.max(0, source.byteLength - 8)));
    if (tail.byteLength < 8 || tail.getUint32(4, true) !== 0x31_52_41_50)
      throw new Error("no PAR1 at its end");
    const footer = tail.getUint32(0, true);
    if (footer > largestFooter) throw new RangeError(`a footer of ${footer} bytes`);
    return await parquetMetadataAsync(source, { parsers, geoparquet: false });
  } catch (error) {
    throw unreadable(error, file);
  }
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  return {
    byteLength: size,
    slice: async (start, end = size) => {
      const wanted = Math.max(0, Math.min(end, size) - start);
      const bytes = new Uint8Array(wanted);
      for (let done = 0; done < wanted;) {
        const { bytesRead } = await handle.read(bytes, done, wanted - done, start + done);
        if (bytesRead === 0) throw new RangeError("the file ended early");
        done += bytesRead;
      }
      return bytes.buffer;
    },
  };
}

/** Whatever the decoder stumbles over is a fault of the file. */
function unreadable(error: unknown, file: string, row?: number): DatasetInvalid {
  const reason = error instanceof Error ? error.message : String(error);
  const encoding =
    error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA";
  return new DatasetInvalid(
    {
      file,
      ...(row === undefined ? {} : { row }),
      found: encoding
        ? "bytes that are not valid UTF-8 in this row or soon after it"
        : `what cannot be read as Parquet (${excerpt(reason)})`,
      expected: encoding
        ? "text in UTF-8"
        : `a whole Parquet file, cells of at most ${largestCell.toLocaleString("en")} bytes`,
    },
    error,
  );
}
