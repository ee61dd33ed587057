import type { Kysely } from "kysely";

/** How a model is served, as far as a person has set it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("models").addColumn("serving", "text").execute();
}
