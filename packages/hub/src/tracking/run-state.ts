import type { HearthError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import { anyOf, ListQuery } from "../storage/list-query.ts";
import { deletedRun, unknownRun } from "./errors.ts";

const stagesOf = new ListQuery<{ id: string; lifecycle_stage: string }>(
  (dialect) => `select id, lifecycle_stage from runs where id ${anyOf(dialect)}`,
);

/** The runs that cannot be written to, each with the reason. */
export async function refusals(db: Queries, runIds: readonly string[]): Promise<Map<string, HearthError>> {
  const rows = await stagesOf.run(db, runIds);
  const stages = new Map(rows.map((row) => [row.id, row.lifecycle_stage]));
  const refused = new Map<string, HearthError>();
  for (const runId of runIds) {
    const stage = stages.get(runId);
    if (stage === undefined) refused.set(runId, unknownRun(runId));
    if (stage === "deleted") refused.set(runId, deletedRun(runId));
  }
  return refused;
}

/** Throws `not_found` or, of a deleted run, `invalid_request`. */
export async function requireActive(db: Queries, runId: string): Promise<void> {
  const error = (await refusals(db, [runId])).get(runId);
  if (error !== undefined) throw error;
}
