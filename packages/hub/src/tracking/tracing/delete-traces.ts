import type { Database } from "../../storage/database.ts";
import { invalid } from "./errors.ts";

/** Which traces of an experiment; all that is given must hold. */
export interface DeleteTraces {
  experimentId: string;
  /** ms since the epoch: those that began then or before. */
  maxTimestamp: number | undefined;
  /** The oldest of them. */
  maxTraces: number | undefined;
  traceIds: readonly string[];
}

const tracesPerTransaction = 500;

/** Deletes traces with all that belongs to them, in parts that leave other writers their turn; returns how many. */
export async function deleteTraces(database: Database, request: DeleteTraces): Promise<number> {
  const { experimentId, maxTimestamp, maxTraces, traceIds } = request;
  if (maxTimestamp === undefined && traceIds.length === 0)
    throw invalid("Either `max_timestamp_millis` or `trace_ids` must be specified.");
  if (maxTimestamp !== undefined && traceIds.length > 0)
    throw invalid("Only one of `max_timestamp_millis` and `trace_ids` can be specified.");
  if (traceIds.length > 0 && maxTraces !== undefined)
    throw invalid("`max_traces` can't be specified if `trace_ids` is specified.");
  if (maxTraces !== undefined && maxTraces <= 0)
    throw invalid(`\`max_traces\` must be a positive integer, received ${maxTraces}.`);
  let deleted = 0;
  for (let start = 0; start < traceIds.length; start += tracesPerTransaction) {
    const some = traceIds.slice(start, start + tracesPerTransaction);
    deleted += await deleteSome(database, experimentId, undefined, some.length, some);
  }
  if (traceIds.length > 0) return deleted;
  for (;;) {
    const limit = Math.min(tracesPerTransaction, (maxTraces ?? Infinity) - deleted);
    const some = limit === 0 ? 0 : await deleteSome(database, experimentId, maxTimestamp, limit, []);
    deleted += some;
    if (some === 0 || some < limit) return deleted;
  }
}

async function deleteSome(
  database: Database,
  experimentId: string,
  maxTimestamp: number | undefined,
  limit: number,
  traceIds: readonly string[],
): Promise<number> {
  return await database.write(async (db) => {
    let query = db.selectFrom("traces").select("id").where("experiment_id", "=", experimentId);
    if (maxTimestamp !== undefined) query = query.where("started_at", "<=", maxTimestamp);
    if (traceIds.length > 0) query = query.where("id", "in", traceIds);
    const rows = await query.orderBy("started_at").orderBy("id").limit(limit).execute();
    if (rows.length === 0) return 0;
    const ids = rows.map((row) => row.id);
    await db.deleteFrom("inferences").where("trace_id", "in", ids).execute();
    await db.deleteFrom("traces").where("id", "in", ids).execute();
    return ids.length;
  });
}
