import { findRunIds, resolveFilter, resolveOrderBy, runs } from "../search/search.ts";
import type { Database } from "../storage/database.ts";
import { readRunTexts, type RunText } from "./run-texts.ts";
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
  database: Database,
  { experimentIds, filter, orderBy, view, limit, offset }: RunSearch,
): Promise<{ runs: AsyncIterable<RunText[]>; more: boolean }> {
  const conditions = resolveFilter(runs, filter);
  const order = resolveOrderBy(runs, orderBy);
  const lifecycle = view === "ALL" ? null : view === "ACTIVE_ONLY" ? "active" : "deleted";
  // One more than is shown tells whether there is a next page.
  const page = { limit: limit + 1, offset };
  const ids = await findRunIds(database, { experimentIds, lifecycle, conditions, order, ...page });
  return { runs: readRunTexts(database.db, ids.slice(0, limit)), more: ids.length > limit };
}
