import type { DatasetFault } from "../invalid.ts";

/** One row of a source before its columns have a meaning. */
export interface SourceRecord {
  /** Where it is, for messages: the line that it ends in, or the row of a file without lines. */
  place: Pick<DatasetFault, "line" | "row">;
  values: ReadonlyMap<string, unknown>;
  /** The line itself, of a JSONL file. */
  text?: string;
}

/** A source as it is read: the names of its columns, where it has them before its rows, and its rows in order. */
export interface RecordReader {
  /** Null: each row has fields of its own. */
  columns: readonly string[] | null;
  records: AsyncIterable<SourceRecord>;
}

/** Bytes that a row, and so a cell, may have. */
export const largestCell = 1_000_000;
