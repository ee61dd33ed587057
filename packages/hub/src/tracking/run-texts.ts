import { setImmediate as nextTurn } from "node:timers/promises";
import type { Queries } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import { readInputs, readRunRows } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";

/**
 * A run whose lists are JSON text as the database writes it, several times as fast as objects on the way:
 * `[{"key":"lr","value":"0.1"}]`, of metrics with `timestamp` and `step`, NaN as the text "NaN".
 */
export interface RunText {
  run: Omit<RunRecord, "params" | "tags" | "metrics">;
  params: string;
  tags: string;
  metrics: string;
}

/** Runs that are read at once: a few milliseconds of work. */
const runsPerRead = 100;

const lists = (table: string, write: (dialect: "sqlite" | "postgres") => string) =>
  new ListQuery<{ run_id: string; list: string }>((dialect) =>
    dialect === "sqlite"
      ? // In the order of the key's index; asking for an order costs SQLite as much again.
        `select run_id, json_group_array(json_object('key', key, ${write(dialect)})) as list
          from ${table} where run_id ${anyOf(dialect)} group by run_id`
      : `select run_id, json_agg(json_build_object('key', key, ${write(dialect)}) order by key)::text as list
          from ${table} where run_id ${anyOf(dialect)} group by run_id`,
  );

const params = lists("run_params", () => "'value', value");
const tags = lists("run_tags", () => "'value', value");
const metrics = lists("metric_series", (dialect) =>
  dialect === "sqlite"
    ? "'value', case is_nan when 1 then 'NaN' else value end, 'timestamp', timestamp, 'step', step"
    : "'value', case is_nan when 1 then to_json('NaN'::text) else to_json(value) end, 'timestamp', timestamp, 'step', step",
);

/** Runs in the order of their ids, some at a time; those that do not exist are missing. */
export async function* readRunTexts(
  db: Queries,
  ids: readonly string[],
): AsyncGenerator<RunText[], void, void> {
  for (let start = 0; start < ids.length; start += runsPerRead) {
    if (start > 0) await nextTurn();
    yield await readSome(db, ids.slice(start, start + runsPerRead));
  }
}

async function readSome(db: Queries, ids: readonly string[]): Promise<RunText[]> {
  const runs = await readInputs(db, await readRunRows(db, ids));
  const paramsOf = byRun(await params.run(db, ids));
  const tagsOf = byRun(await tags.run(db, ids));
  const metricsOf = byRun(await metrics.run(db, ids));
  return runs.map((run) => ({
    run,
    params: paramsOf.get(run.id) ?? "[]",
    tags: tagsOf.get(run.id) ?? "[]",
    metrics: metricsOf.get(run.id) ?? "[]",
  }));
}

function byRun(rows: readonly { run_id: string; list: string }[]): Map<string, string> {
  return new Map(rows.map(({ run_id, list }) => [run_id, list]));
}
