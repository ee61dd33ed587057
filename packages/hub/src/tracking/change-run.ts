import type { Database } from "../storage/database.ts";
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
export function changeRun(
  database: Database,
  runId: string,
  { status, endedAt, name }: RunChange,
): Promise<RunRecord> {
  return database.write(async (db) => {
    await requireActive(db, runId);
    const change: Partial<Pick<RunTable, "status" | "ended_at">> = {};
    if (status !== undefined) change.status = status;
    if (endedAt !== undefined) change.ended_at = endedAt;
    if (Object.keys(change).length > 0)
      await db.updateTable("runs").set(change).where("id", "=", runId).execute();
    if (name !== undefined && name !== "")
      await upsertTags(db, runId, checkedTags([{ key: runNameTag, value: name }]));
    const [run] = await readRunRows(db, [runId]);
    if (run === undefined) throw unknownRun(runId);
    return run;
  });
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
