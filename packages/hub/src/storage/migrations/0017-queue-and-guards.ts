import type { Kysely } from "kysely";

/**
 * Priorities, pauses and guards of jobs, and the queue's own pause. A paused job is a `queued` one with
 * `pause_requested`: the states that the table allows stay as they are.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("jobs")
    .addColumn("priority", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema
    .alterTable("jobs")
    .addColumn("pause_requested", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await db.schema.alterTable("jobs").addColumn("guards", "text").execute();
  await db.schema
    .createTable("training_queue")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("paused", "integer", (column) => column.notNull())
    .addColumn("running", "text", (column) => column.notNull())
    .addColumn("changed_at", "bigint", (column) => column.notNull())
    .execute();
}
