import { sql } from "kysely";
import type { Database } from "../../storage/database.ts";
import { compileFilter, compileOrder, resolveFilter, resolveOrderBy, traces } from "../../search/search.ts";
import { presentTraces } from "./read-traces.ts";
import type { TraceInfo } from "./trace.ts";
import { placed, tracesLayout } from "./traces-layout.ts";

export interface SearchTraces {
  experimentIds: readonly string[];
  /** MLflow's language for traces. */
  filter: string;
  orderBy: readonly string[];
  limit: number;
  offset: number;
}

/** Traces that meet a filter; unless ordered otherwise the newest first. */
export async function searchTraces(database: Database, request: SearchTraces): Promise<TraceInfo[]> {
  const { dialect } = database;
  const conditions = resolveFilter(traces, request.filter).map(placed);
  const terms = resolveOrderBy(traces, request.orderBy).map(placed);
  if (request.experimentIds.length === 0) return [];
  let query = database.db
    .selectFrom("traces")
    .selectAll("traces")
    .where("traces.experiment_id", "in", [...new Set(request.experimentIds)])
    .where(compileFilter(dialect, tracesLayout, conditions));
  for (const term of compileOrder(dialect, tracesLayout, terms)) query = query.orderBy(term);
  const rows = await query
    .orderBy("traces.started_at", "desc")
    .orderBy(dialect === "postgres" ? sql`traces.id collate "C"` : "traces.id")
    .limit(request.limit)
    .offset(request.offset)
    .execute();
  return await presentTraces(database.db, rows);
}
