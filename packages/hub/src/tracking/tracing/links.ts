import { HearthError } from "../../errors.ts";
import { storableText } from "../../storage/storable-text.ts";
import type { Database, Queries } from "../../storage/database.ts";
import { invalid, noTrace } from "./errors.ts";

const maxLinks = 100;

/** Traces that are not there are passed over, as MLflow's server does. */
export async function linkTracesToRun(
  database: Database,
  traceIds: readonly string[],
  runId: string,
): Promise<void> {
  if (traceIds.length === 0) return;
  if (traceIds.length > maxLinks) {
    throw invalid(
      `Cannot link more than ${maxLinks} traces to a run in a single request. Provided ${traceIds.length} traces.`,
    );
  }
  await database.write(async (db) => {
    const run = await db.selectFrom("runs").select("id").where("id", "=", runId).executeTakeFirst();
    if (run === undefined) throw new HearthError("not_found", `Run with id=${runId} not found`);
    const known = await knownTraces(db, traceIds);
    if (known.length === 0) return;
    await db
      .insertInto("trace_runs")
      .values(known.map((trace_id) => ({ trace_id, run_id: runId })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

export interface PromptVersion {
  name: string;
  version: string;
}

export async function linkPromptsToTrace(
  database: Database,
  traceId: string,
  prompts: readonly PromptVersion[],
): Promise<void> {
  if (prompts.length === 0) return;
  if (prompts.length > maxLinks)
    throw invalid(`Cannot link more than ${maxLinks} prompts to a trace in a single request.`);
  await database.write(async (db) => {
    if ((await knownTraces(db, [traceId])).length === 0) throw noTrace(traceId);
    await db
      .insertInto("trace_prompts")
      .values(
        prompts.map(({ name, version }) => ({
          trace_id: traceId,
          prompt: storableText(`${name}/${version}`),
        })),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

async function knownTraces(db: Queries, ids: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom("traces")
    .select("id")
    .where("id", "in", [...new Set(ids)])
    .execute();
  return rows.map((row) => row.id);
}
