import type { Queries } from "../../storage/database.ts";
import type { TraceTable } from "../../storage/tables/traces.ts";
import { isPostgres } from "./dialect.ts";
import { noTrace } from "./errors.ts";

/** A trace of which nothing is known but its id. */
export const emptyTrace: Omit<TraceTable, "id" | "experiment_id" | "started_at" | "state"> = {
  duration_ms: null,
  name: null,
  client_request_id: null,
  request_preview: null,
  response_preview: null,
  session_id: null,
  input_tokens: null,
  output_tokens: null,
  total_tokens: null,
  cache_read_input_tokens: null,
  cache_creation_input_tokens: null,
  cache_creation_input_tokens_above_1hr: null,
  input_cost: null,
  output_cost: null,
  total_cost: null,
  finalized: 0,
  told_tokens: 0,
  told_cost: 0,
};

/** SQLite has one writer at a time; PostgreSQL holds other writers of the trace until this one has committed. */
export async function lockTrace(db: Queries, id: string): Promise<TraceTable> {
  const query = db.selectFrom("traces").selectAll().where("id", "=", id);
  const trace = await (isPostgres(db) ? query.forUpdate() : query).executeTakeFirst();
  if (trace === undefined) throw noTrace(id);
  return trace;
}
