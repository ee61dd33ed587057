import type { Database, Queries } from "../storage/database.ts";
import type { RunTable } from "../storage/tables/tracking.ts";
import { unknownRun } from "./errors.ts";
import { readRunRows } from "./read-runs.ts";
import type { RunRecord } from "./run-record.ts";
import { requireActive } from "./run-state.ts";
import { checkedTags, runNameTag, upsertTags } from "./tags.ts";

/** What is undefined stays as it is. */
export interface RunChange {
  status?: RunTable["status"] | undefined;
  /** ms since the epoch; null of a run that goes on */
  endedAt?: number | null | undefined;
  /** An empty one changes nothing. */
  name?: string | undefined;
}

/** Changes a run that is not deleted, and gives back what it is now. Throws `not_found`, `invalid_request`. */
export function changeRun(database: Database, runId: string, change: RunChange): Promise<RunRecord> {
  return database.write(async (db) => {
    await requireActive(db, runId);
    return await applyChange(db, runId, change);
  });
}

/**
 * Writes down how work of the hub's own ended or that it goes on. Also of a run that somebody has deleted
 * meanwhile: the work ends all the same.
 */
export async function settleRun(
  database: Database,
  runId: string,
  change: Pick<RunChange, "status" | "endedAt">,
): Promise<void> {
  await database.write((db) => applyChange(db, runId, change));
}

async function applyChange(
  db: Queries,
  runId: string,
  { status, endedAt, name }: RunChange,
): Promise<RunRecord> {
  const columns: Partial<Pick<RunTable, "status" | "ended_at">> = {};
  if (status !== undefined) columns.status = status;
  if (endedAt !== undefined) columns.ended_at = endedAt;
  // Tags before the row, as everywhere: two writers of one run must not wait for each other.
  if (name !== undefined && name !== "")
    await upsertTags(db, runId, checkedTags([{ key: runNameTag, value: name }]));
  if (Object.keys(columns).length > 0)
    await db.updateTable("runs").set(columns).where("id", "=", runId).execute();
  const [run] = await readRunRows(db, [runId]);
  if (run === undefined) throw unknownRun(runId);
  return run;
}

/** Deletes a run at a time (ms since the epoch) or, with null, brings it back. Doing it again is fine. */
export async function setRunStage(
  database: Database,
  runId: string,
  deletedAt: number | null,
): Promise<void> {
  await database.write(async (db) => {
    const { numUpdatedRows } = await db
      .updateTable("runs")
      .set({ lifecycle_stage: deletedAt === null ? "active" : "deleted", deleted_at: deletedAt })
      .where("id", "=", runId)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw unknownRun(runId);
  });
}
