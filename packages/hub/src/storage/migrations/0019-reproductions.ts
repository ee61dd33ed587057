import type { Kysely } from "kysely";

/** What came of a repetition, in full: `identical` alone does not say what differs. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs").addColumn("reproduction", "text").execute();
}
