import type { GroupRunsAnswer, groupRunsRequest, RunGroup } from "@hearth/wire/hub/runs-table";
import { sql } from "kysely";
import type { z } from "zod";
import { all, compileFilter, inScope, resolveFilter, runs, runsLayout } from "../search/search.ts";
import type { Database } from "../storage/database.ts";
import { scopeOf } from "./runs-table.ts";

/** Groups of the runs that match, the largest first. Throws `invalid_request`. */
export async function groupRuns(
  { db, dialect }: Database,
  request: z.output<typeof groupRunsRequest>,
): Promise<GroupRunsAnswer> {
  const { by, metric, limit } = request;
  const table = sql.table(by.kind === "param" ? "run_params" : "run_tags");
  const where = all([
    inScope(dialect, scopeOf(request), ""),
    compileFilter(dialect, runsLayout, resolveFilter(runs, request.filter)),
  ]);
  const { rows } = await sql<RunGroup>`
    select grouped.value as value, count(*) as runs, avg(measured.value) as mean,
      min(measured.value) as min, max(measured.value) as max
    from runs
    left join ${table} grouped on grouped.run_id = runs.id and grouped.key = ${by.key}
    left join metric_series measured
      on measured.run_id = runs.id and measured.key = ${metric ?? ""} and measured.is_nan = 0
    where ${where} group by grouped.value order by 2 desc, 1 limit ${limit + 1}`.execute(db);
  const items = rows.slice(0, limit).map((row) => ({ ...row, runs: Number(row.runs) }));
  return { items, more: rows.length > limit };
}
