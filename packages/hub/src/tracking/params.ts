import { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { RowInsert } from "../storage/insert-rows.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import { checkKey, cutText, maxParamLength } from "./keys.ts";

/** A parameter or a tag. */
export interface Pair {
  key: string;
  value: string;
}

/** Parameters as they are stored: checked, long values cut. Throws `invalid_request`, also for a key that is named twice. */
export function checkedParams(params: readonly Pair[]): Pair[] {
  const places = new Map<string, Pair>();
  const twice = new Set<string>();
  params.forEach(({ key, value }, index) => {
    checkKey(key, params.length === 1 ? "key" : `params[${index}].key`, "Param key");
    if (places.has(key)) twice.add(key);
    places.set(key, { key, value: cutText(value, maxParamLength) });
  });
  if (twice.size > 0) {
    throw new HearthError(
      "invalid_request",
      `Duplicate parameter keys have been submitted: [${[...twice].map(quoted).join(", ")}]. ` +
        "Please ensure the request contains only one param value per param key.",
      { details: { keys: [...twice] } },
    );
  }
  return [...places.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

const insert = new RowInsert(
  "run_params",
  { run_id: "text", key: "text", value: "text" },
  "on conflict do nothing",
);

const stored = new ListQuery<Pair>(
  (dialect) =>
    `select key, value from run_params
      where key ${anyOf(dialect)} and run_id = ${dialect === "sqlite" ? "?" : "$2"}`,
);

/**
 * Stores parameters that `checkedParams` has made. The same value again is fine, another is a `conflict`. Whoever
 * writes the same key at the same time is waited for, so that nobody's value is lost without a word.
 */
export async function insertParams(db: Queries, runId: string, params: readonly Pair[]): Promise<void> {
  if (params.length === 0) return;
  await insert.run(
    db,
    params.map(({ key, value }) => [runId, key, value]),
  );
  const rows = await stored.run(
    db,
    params.map(({ key }) => key),
    runId,
  );
  const values = new Map(rows.map((row) => [row.key, row.value]));
  const changed = params.filter(({ key, value }) => values.get(key) !== value);
  if (changed.length > 0) throw changedParams(runId, changed, values);
}

function changedParams(
  runId: string,
  changed: readonly Pair[],
  values: ReadonlyMap<string, string>,
): HearthError {
  const [first] = changed;
  const message =
    first !== undefined && changed.length === 1
      ? `Changing param values is not allowed. Param with key='${first.key}' was already logged with ` +
        `value='${values.get(first.key) ?? ""}' for run ID='${runId}'. Attempted logging new value '${first.value}'.`
      : "Changing param values is not allowed. Params were already logged=" +
        `'[${changed
          .map(
            ({ key, value }) =>
              `{'key': ${quoted(key)}, 'old_value': ${quoted(values.get(key) ?? "")}, 'new_value': ${quoted(value)}}`,
          )
          .join(", ")}]' for run ID='${runId}'.`;
  return new HearthError("conflict", message, {
    details: { run_id: runId, keys: changed.map(({ key }) => key), mlflow_code: "INVALID_PARAMETER_VALUE" },
  });
}

function quoted(text: string): string {
  return `'${text}'`;
}
