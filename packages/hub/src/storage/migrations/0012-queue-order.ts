import type { Kysely } from "kysely";

/** Where a person has moved a queued job to: null where it stands by its arrival. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("jobs").addColumn("position", "bigint").execute();
}
