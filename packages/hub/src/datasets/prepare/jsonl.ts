import { parseLine } from "../rows.ts";
import { fileLines } from "./file-lines.ts";
import type { RecordReader, SourceRecord } from "./records.ts";

/** Reads a JSONL file whose fields are mapped or whose rows are divided. Throws DatasetInvalid with the line. */
export function readJsonl(path: string, file: string): RecordReader {
  return { columns: null, records: recordsOf(path, file) };
}

async function* recordsOf(path: string, file: string): AsyncGenerator<SourceRecord> {
  for await (const lines of fileLines(path, file)) {
    for (const { bytes, line } of lines) {
      const object = parseLine(bytes, file, line);
      if (object === undefined) continue;
      yield { place: { line }, values: new Map(Object.entries(object)), text: textOf(bytes) };
    }
  }
}

/** Without a byte order mark, which may stand at the beginning of a file only. */
function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
  return (text.startsWith("\u{FEFF}") ? text.slice(1) : text).trim();
}
