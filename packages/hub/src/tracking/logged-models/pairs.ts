import { HearthError } from "../../errors.ts";
import type { Queries } from "../../storage/database.ts";
import { RowInsert } from "../../storage/insert-rows.ts";
import { anyOf, ListQuery } from "../../storage/list-query.ts";
import { storableText } from "../../storage/storable-text.ts";
import type { Pair } from "../params.ts";

/** Longer keys are refused: an index cannot hold them on every database. */
const maxKeyLength = 500;

const columns = { model_id: "text", key: "text", value: "text" } as const;
const insertParams = new RowInsert("logged_model_params", columns, "on conflict do nothing");
const upsertTags = new RowInsert(
  "logged_model_tags",
  columns,
  "on conflict (model_id, key) do update set value = excluded.value",
);
const storedParams = new ListQuery<Pair>(
  (dialect) =>
    `select key, value from logged_model_params where key ${anyOf(dialect)} and model_id = ${dialect === "sqlite" ? "?" : "$2"}`,
);

/** Stores parameters of a model: the same value again is fine, another throws `conflict`. */
export async function logModelParams(db: Queries, modelId: string, params: readonly Pair[]): Promise<void> {
  const rows = checked(params);
  if (rows.length === 0) return;
  await insertParams.run(
    db,
    rows.map(({ key, value }) => [modelId, key, value]),
  );
  const keys = rows.map(({ key }) => key);
  const values = new Map((await storedParams.run(db, keys, modelId)).map(({ key, value }) => [key, value]));
  const changed = rows.find(({ key, value }) => values.get(key) !== value);
  if (changed !== undefined) {
    throw new HearthError(
      "conflict",
      `Changing param values is not allowed. Param with key='${changed.key}' was already logged with ` +
        `value='${values.get(changed.key) ?? ""}' for model ID='${modelId}'. Attempted logging new value '${changed.value}'.`,
      { details: { model_id: modelId, key: changed.key, mlflow_code: "INVALID_PARAMETER_VALUE" } },
    );
  }
}

/** Stores tags of a model, the last value of each key. */
export async function setModelTags(db: Queries, modelId: string, tags: readonly Pair[]): Promise<void> {
  await upsertTags.run(
    db,
    checked(tags).map(({ key, value }) => [modelId, key, value]),
  );
}

/** Storable, in the order of their keys, the last value of each. */
function checked(pairs: readonly Pair[]): Pair[] {
  const last = new Map<string, Pair>();
  for (const pair of pairs) {
    const key = storableText(pair.key);
    if (key === "" || key.length > maxKeyLength) {
      throw new HearthError(
        "invalid_request",
        `A key has 1 to ${maxKeyLength} characters; found ${JSON.stringify(key.slice(0, 300))}.`,
        { details: { field: "key", limit: maxKeyLength } },
      );
    }
    last.set(key, { key, value: storableText(pair.value) });
  }
  return [...last.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}
