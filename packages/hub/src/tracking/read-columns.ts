import type { Database } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import type { Pair } from "./params.ts";
import type { LatestMetric, RunRecord } from "./run-record.ts";

const someOf = <Row>(columns: string, from: string) =>
  new ListQuery<Row & { run_id: string }>(
    (dialect) =>
      `select run_id, ${columns} from ${from} where run_id ${anyOf(dialect)} and key ${
        dialect === "sqlite" ? anyOf(dialect) : "= any($2::text[])"
      }`,
  );
const params = someOf<Pair>("key, value", "run_params");
const tags = someOf<Pair>("key, value", "run_tags");
const metrics = someOf<LatestMetric & { is_nan: 0 | 1 }>(
  "key, value, is_nan, timestamp, step",
  "metric_series",
);

/** Adds to runs only the params, metrics and tags of these names: `metrics.loss`, `params.lr`, `tags.team`. */
export async function readColumns(
  database: Database,
  rows: readonly RunRecord[],
  columns: readonly string[],
): Promise<RunRecord[]> {
  const ids = rows.map(({ id }) => id);
  const read = async <Row extends { run_id: string }>(query: ListQuery<Row>, prefix: string) => {
    const keys = columns.flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
    if (keys.length === 0 || ids.length === 0) return new Map<string, Row[]>();
    const second = database.dialect === "sqlite" ? JSON.stringify(keys) : keys;
    return Map.groupBy(await query.run(database.db, ids, second), (row) => row.run_id);
  };
  const paramsOf = await read(params, "params.");
  const tagsOf = await read(tags, "tags.");
  const metricsOf = await read(metrics, "metrics.");
  return rows.map((row) => ({
    ...row,
    params: paramsOf.get(row.id) ?? [],
    tags: tagsOf.get(row.id) ?? [],
    metrics: (metricsOf.get(row.id) ?? []).map((metric) =>
      metric.is_nan === 1 ? { ...metric, value: Number.NaN } : metric,
    ),
  }));
}
