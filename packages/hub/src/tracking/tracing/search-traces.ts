import { sql } from "kysely";
import {
  compileFilter,
  compileOrder,
  resolveFilter,
  resolveOrderBy,
  traces,
  type Condition,
  type SortTerm,
} from "../../search/search.ts";
import type { Database } from "../../storage/database.ts";
import { presentTraces } from "./read-traces.ts";
import { scanTraces } from "./scan-traces.ts";
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
  const { dialect, db } = database;
  const { limit, offset } = request;
  const conditions = resolveFilter(traces, request.filter).map(placed);
  const terms = resolveOrderBy(traces, request.orderBy).map(placed);
  const experimentIds = [...new Set(request.experimentIds)];
  if (experimentIds.length === 0) return [];
  if (dialect === "sqlite" && isNewestFirst(terms) && conditions.some(looksIntoSpans)) {
    const scanned = await scanTraces(
      db,
      experimentIds,
      compileFilter(
        dialect,
        tracesLayout,
        conditions.filter((condition) => !looksIntoSpans(condition)),
      ),
      compileFilter(dialect, tracesLayout, conditions.filter(looksIntoSpans)),
      offset + limit,
    );
    return await presentTraces(db, scanned.slice(offset));
  }
  let query = db
    .selectFrom("traces")
    .selectAll("traces")
    .where("traces.experiment_id", "in", experimentIds)
    .where(compileFilter(dialect, tracesLayout, conditions));
  for (const term of compileOrder(dialect, tracesLayout, terms)) query = query.orderBy(term);
  const rows = await query
    .orderBy("traces.started_at", "desc")
    .orderBy(dialect === "postgres" ? sql`traces.id collate "C"` : "traces.id")
    .limit(limit)
    .offset(offset)
    .execute();
  return await presentTraces(db, rows);
}

/** Spans are many and long: a condition on them may have to read all of a database. */
function looksIntoSpans({ kind }: Condition): boolean {
  return kind === "span";
}

function isNewestFirst(terms: readonly SortTerm[]): boolean {
  const [term, ...more] = terms;
  if (term === undefined) return true;
  return more.length === 0 && term.kind === "attribute" && term.key === "timestamp_ms" && !term.ascending;
}
