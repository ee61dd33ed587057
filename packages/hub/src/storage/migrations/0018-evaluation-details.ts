import type { Kysely } from "kysely";

/** Intervals, the labels' figures, scorers and what could not be measured, as JSON; evaluations from before have none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("evaluations")
    .addColumn("details", "text", (column) => column.notNull().defaultTo("{}"))
    .execute();
}
