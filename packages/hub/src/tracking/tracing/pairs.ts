import { storableText } from "../../storage/storable-text.ts";
import type { Queries } from "../../storage/database.ts";
import { RowInsert } from "../../storage/insert-rows.ts";
import { invalid } from "./errors.ts";

const maxKeyLength = 250;
const maxTagLength = 8000;
const keyPattern = /^[/\w.\- :]*$/u;

/** A tag's key and value; a value that is too long is cut. */
export function checkedTag(key: string, value: string): [key: string, value: string] {
  if (key === "" || key.length > maxKeyLength) {
    throw invalid(
      `Invalid tag name: it has 1 to ${maxKeyLength} characters; found ${key.length} in '${key.slice(0, 50)}'.`,
    );
  }
  if (!keyPattern.test(key) || !isPlainPath(key)) {
    throw invalid(
      `Invalid tag name: '${key}'. Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), ` +
        "spaces ( ), colon(:) and slashes (/), and stay the same when read as a path.",
    );
  }
  return [key, storableText(value).slice(0, maxTagLength).toWellFormed()];
}

/** Not `..`, `/a` or `a//b`: keys become paths in other stores. */
function isPlainPath(key: string): boolean {
  if (!/[./]/.test(key)) return true;
  return key.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

/** A metadata entry of a client; the key has the bounds of a tag's. */
export function checkedMetadata(key: string, value: string): [key: string, value: string] {
  if (key === "" || key.length > maxKeyLength || key.includes("\0")) {
    throw invalid(
      `A metadata key has 1 to ${maxKeyLength} characters and no NUL; found '${key.slice(0, 50)}'.`,
    );
  }
  return [key, storableText(value)];
}

/** `[trace_id, key, value]` */
export type PairRow = readonly [traceId: string, key: string, value: string];

const columns = { trace_id: "text", key: "text", value: "text" } as const;
const replace = "on conflict (trace_id, key) do update set value = excluded.value";
const inserts = {
  trace_tags: new RowInsert("trace_tags", columns, replace),
  trace_metadata: new RowInsert("trace_metadata", columns, replace),
};

/** Adds pairs or changes their values. Sorted, so that writers of the same trace never wait for each other in a ring. */
export async function upsertPairs(
  db: Queries,
  table: "trace_tags" | "trace_metadata",
  rows: readonly PairRow[],
): Promise<void> {
  const unique = new Map(rows.map((row) => [`${row[0]}\0${row[1]}`, row]));
  const sorted = [...unique].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  await inserts[table].run(db, sorted);
}
