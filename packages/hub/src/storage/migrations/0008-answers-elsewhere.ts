import { sql, type Kysely } from "kysely";
import { isPostgres } from "./columns.ts";

/** Answers of other servers' models have no version of this hub. */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (isPostgres(db)) {
    await sql`alter table inferences alter column version_id drop not null`.execute(db);
    await sql`alter table inferences alter column version drop not null`.execute(db);
    return;
  }
  // SQLite cannot take a NOT NULL back; a column is made anew.
  await db.schema.dropIndex("inferences_by_version").execute();
  await sql`alter table inferences add column optional_version_id text`.execute(db);
  await sql`alter table inferences add column optional_version integer`.execute(db);
  await sql`update inferences set optional_version_id = version_id, optional_version = version`.execute(db);
  for (const column of ["version_id", "version"]) {
    await sql`alter table inferences drop column ${sql.raw(column)}`.execute(db);
    await sql`alter table inferences rename column ${sql.raw(`optional_${column}`)} to ${sql.raw(column)}`.execute(
      db,
    );
  }
  await db.schema
    .createIndex("inferences_by_version")
    .on("inferences")
    .columns(["version_id", "created_at"])
    .execute();
}
