import { PostgresAdapter, sql } from "kysely";
import type { Queries } from "../../storage/database.ts";

/** Names a series from outside. */
export interface SeriesName {
  runId: string;
  key: string;
}

/** The ids of series in the order of their names; undefined where a run has no such metric. */
export async function findManySeries(
  db: Queries,
  names: readonly SeriesName[],
): Promise<(number | undefined)[]> {
  // PostgreSQL refuses texts with NUL, so none is stored.
  const asked = names.filter(({ runId, key }) => !`${runId}${key}`.includes("\0"));
  const runs = asked.map(({ runId }) => runId);
  const keys = asked.map(({ key }) => key);
  const wanted =
    db.getExecutor().adapter instanceof PostgresAdapter
      ? sql`(select distinct * from unnest(${runs}::text[], ${keys}::text[]) as names(run_id, key)) as wanted`
      : sql`(select distinct value ->> 0 as run_id, value ->> 1 as key
          from json_each(${JSON.stringify(runs.map((run, index) => [run, keys[index]]))})) as wanted`;
  const { rows } = await sql<{ id: number; run_id: string; key: string }>`
    select metric_series.id, metric_series.run_id, metric_series.key from ${wanted}
    cross join metric_series where metric_series.run_id = wanted.run_id and metric_series.key = wanted.key`.execute(
    db,
  );
  const ids = new Map(rows.map(({ id, run_id, key }) => [`${run_id}\0${key}`, id]));
  return names.map(({ runId, key }) => ids.get(`${runId}\0${key}`));
}
