import { sql, type Kysely } from "kysely";

/**
 * The runs below a run, which name it in a tag. Of the value no more than an id has: PostgreSQL's index refuses
 * the 8,000 characters that a tag may have.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index run_tags_by_parent on run_tags (substr(value, 1, 64))
    where key = 'mlflow.parentRunId'`.execute(db);
}
