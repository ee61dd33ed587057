import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseLossless, spacedJson } from "../../lossless-json.ts";
import type { Queries } from "../../storage/database.ts";
import { RowInsert } from "../../storage/insert-rows.ts";
import { anyOf, ListQuery } from "../../storage/list-query.ts";
import { checkRecord, isObject, merged, userTag, type JsonObject, type NewRecord } from "./record.ts";

interface StoredRecord {
  input_hash: string;
  id: string;
  inputs: string;
  outputs: string | null;
  expectations: string | null;
  tags: string | null;
  source: string | null;
  source_type: string | null;
  source_id: string | null;
  created_at: number;
  created_by: string | null;
  updated_by: string | null;
}

const existing = new ListQuery<StoredRecord>(
  (dialect) => `select input_hash, id, inputs, outputs, expectations, tags, source, source_type, source_id,
      created_at, created_by, updated_by
    from evaluation_records where input_hash ${anyOf(dialect)} and dataset_id = ${dialect === "sqlite" ? "?" : "$2"}`,
);

const changing = ["outputs", "expectations", "tags", "updated_at", "updated_by"];
const upsert = new RowInsert(
  "evaluation_records",
  {
    id: "text",
    dataset_id: "text",
    input_hash: "text",
    inputs: "text",
    outputs: "text",
    expectations: "text",
    tags: "text",
    source: "text",
    source_type: "text",
    source_id: "text",
    created_at: "bigint",
    updated_at: "bigint",
    created_by: "text",
    updated_by: "text",
  },
  `on conflict (dataset_id, input_hash) do update set ${changing.map((name) => `${name} = excluded.${name}`).join(", ")}`,
);

/** Records that are checked before the event loop gets its turn. */
const checkedAtOnce = 200;

/** Throws `invalid_request` naming the record that is wrong. */
export async function checkRecords(values: readonly unknown[]): Promise<NewRecord[]> {
  const records: NewRecord[] = [];
  for (const [index, value] of values.entries()) {
    records.push(checkRecord(value, index));
    if (index % checkedAtOnce === checkedAtOnce - 1) await nextTurn();
  }
  return records;
}

/** Adds records, or what they say anew to those with the same inputs. For inside a transaction. */
export async function upsertRecords(
  db: Queries,
  datasetId: string,
  records: readonly NewRecord[],
  time: number,
): Promise<{ inserted: number; updated: number }> {
  const hashes = [...new Set(records.map(({ inputHash }) => inputHash))];
  const found = await existing.run(db, hashes, datasetId);
  const rows = new Map(found.map((row) => [row.input_hash, row]));
  let inserted = 0;
  for (const record of records) {
    const before = rows.get(record.inputHash);
    if (before === undefined) inserted += 1;
    rows.set(record.inputHash, before === undefined ? newRow(record, time) : changedRow(before, record));
  }
  await upsert.run(
    db,
    [...rows.values()].map((row) => [
      row.id,
      datasetId,
      row.input_hash,
      row.inputs,
      row.outputs,
      row.expectations,
      row.tags,
      row.source,
      row.source_type,
      row.source_id,
      row.created_at,
      time,
      row.created_by,
      row.updated_by,
    ]),
  );
  return { inserted, updated: records.length - inserted };
}

function newRow(record: NewRecord, time: number): StoredRecord {
  const user = userOf(record);
  return {
    id: `dr-${randomUUID().replaceAll("-", "")}`,
    input_hash: record.inputHash,
    inputs: spacedJson(record.inputs),
    // Nothing said of the outputs of a new record is an empty object for MLflow.
    outputs: record.outputs === null ? null : spacedJson(record.outputs ?? {}),
    expectations: jsonOrNull(record.expectations),
    tags: jsonOrNull(record.tags),
    source: jsonOrNull(record.source),
    source_type: record.sourceType,
    source_id: record.sourceId,
    created_at: time,
    created_by: user,
    updated_by: user,
  };
}

function changedRow(before: StoredRecord, record: NewRecord): StoredRecord {
  const outputs =
    record.outputs === undefined
      ? before.outputs
      : record.outputs === null
        ? null
        : spacedJson(record.outputs);
  return {
    ...before,
    outputs,
    expectations: jsonOrNull(merged(parsed(before.expectations), record.expectations)),
    tags: jsonOrNull(merged(parsed(before.tags), record.tags)),
    updated_by: userOf(record) ?? before.updated_by,
  };
}

export function userOf({ tags }: { tags: JsonObject | null }): string | null {
  const user = tags?.[userTag];
  return typeof user === "string" ? user : null;
}

function jsonOrNull(value: JsonObject | null): string | null {
  return value === null ? null : spacedJson(value);
}

function parsed(text: string | null): JsonObject | null {
  const value = text === null ? null : parseLossless(text);
  return isObject(value) ? value : null;
}
