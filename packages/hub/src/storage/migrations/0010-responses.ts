import type { Kysely } from "kysely";

/** Stored responses. `../tables/responses.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("responses")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("previous_id", "text")
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("response", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("responses_by_age").on("responses").column("created_at").execute();
}
