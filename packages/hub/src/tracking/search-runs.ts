import {
  compileFilter,
  compileOrder,
  resolveFilter,
  resolveOrderBy,
  runs,
  runsLayout,
} from "../search/search.ts";
import type { Database } from "../storage/database.ts";
import { readRuns } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";
import type { ViewType } from "./search-experiments.ts";

export interface RunSearch {
  experimentIds: readonly string[];
  filter: string;
  orderBy: readonly string[];
  view: ViewType;
  limit: number;
  offset: number;
}

/** A page of the runs that match, and whether more follow. Ties go to the run that started later. Throws `invalid_request`. */
export async function searchRuns(
  { db, dialect }: Database,
  { experimentIds, filter, orderBy, view, limit, offset }: RunSearch,
): Promise<{ runs: RunRecord[]; more: boolean }> {
  const conditions = resolveFilter(runs, filter);
  const order = resolveOrderBy(runs, orderBy);
  if (experimentIds.length === 0) return { runs: [], more: false };
  let query = db
    .selectFrom("runs")
    .select("id")
    .where("experiment_id", "in", experimentIds)
    .where(compileFilter(dialect, runsLayout, conditions));
  if (view !== "ALL")
    query = query.where("lifecycle_stage", "=", view === "ACTIVE_ONLY" ? "active" : "deleted");
  for (const term of compileOrder(dialect, runsLayout, order)) query = query.orderBy(term);
  const rows = await query
    .orderBy("started_at", "desc")
    .orderBy("id")
    .limit(limit + 1)
    .offset(offset)
    .execute();
  const ids = rows.slice(0, limit).map(({ id }) => id);
  return { runs: await readRuns(db, ids), more: rows.length > limit };
}
