import type { Database, Queries } from "../storage/database.ts";

/** Whether the queue as a whole is held, for every hub of the database. */
export interface QueueState {
  paused: boolean;
  /** What becomes of running jobs meanwhile. */
  running: "pause" | "finish";
  /** ms since the epoch; null: it was never paused. */
  changedAt: number | null;
}

export async function readQueueState(db: Queries): Promise<QueueState> {
  const row = await db.selectFrom("training_queue").selectAll().where("id", "=", "queue").executeTakeFirst();
  if (row === undefined) return { paused: false, running: "pause", changedAt: null };
  return { paused: row.paused === 1, running: row.running, changedAt: Number(row.changed_at) };
}

/** Holds the queue, or lets it go on; on disk when this returns. */
export async function writeQueueState(
  database: Database,
  state: Pick<QueueState, "paused" | "running">,
  now: number = Date.now(),
): Promise<void> {
  const values = {
    paused: state.paused ? (1 as const) : (0 as const),
    running: state.running,
    changed_at: now,
  };
  await database.write((db) =>
    db
      .insertInto("training_queue")
      .values({ id: "queue", ...values })
      .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
      .execute(),
  );
}
