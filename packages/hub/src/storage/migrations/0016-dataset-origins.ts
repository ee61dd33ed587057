import type { Kysely } from "kysely";

/** What datasets were made from, and what was counted over their rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("datasets").addColumn("origin", "text").execute();
  await db.schema
    .createTable("dataset_statistics")
    .addColumn("checksum", "text", (column) => column.notNull())
    .addColumn("counted", "text", (column) => column.notNull())
    .addColumn("statistics", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("dataset_statistics_key", ["checksum", "counted"])
    .execute();
}
