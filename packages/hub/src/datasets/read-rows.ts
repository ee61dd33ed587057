import type { DatasetFormat } from "@hearth/wire/hub/datasets";
import { maxLineBytes } from "./inspect.ts";
import { DatasetInvalid } from "./invalid.ts";
import { LineSplitter } from "./lines.ts";
import { parseLine, toRow, type DatasetRow } from "./rows.ts";

/** Which rows are read. */
export interface RowRange {
  /** Rows that are passed over, without being parsed. */
  offset: number;
  limit: number;
  /** The row that the bytes begin with. */
  start: number;
}

/** The rows of a stored file, in order, from bytes that come piece by piece and begin at a row's beginning. */
export async function* readRows(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  format: DatasetFormat,
  { offset, limit, start }: RowRange,
  signal: AbortSignal,
): AsyncGenerator<DatasetRow> {
  let ready: DatasetRow[] = [];
  let given = 0;
  const splitter = new LineSplitter(
    maxLineBytes,
    (content, nth) => {
      const line = start + nth;
      if (line <= offset || given + ready.length >= limit) return;
      const object = parseLine(content, file, line);
      if (object !== undefined) ready.push(toRow(object, format, file, line));
    },
    (nth) => {
      throw new DatasetInvalid({
        file,
        line: start + nth,
        found: "a line that was too long to register",
        expected: "the file as it was registered",
      });
    },
  );
  const give = function* (): Generator<DatasetRow> {
    const rows = ready;
    ready = [];
    given += rows.length;
    yield* rows;
  };
  if (limit <= 0) return;
  for await (const chunk of bytes) {
    signal.throwIfAborted();
    splitter.push(chunk);
    yield* give();
    if (given >= limit) return;
  }
  splitter.end();
  yield* give();
}
