import { sql, type Kysely } from "kysely";

/**
 * The runs of an experiment in the order of a table, so that any page of it and the number of all are read from
 * the index alone. It does what the index of the first release did, which makes room for it.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex("runs_by_experiment").execute();
  await sql`create index runs_in_order on runs (experiment_id, lifecycle_stage, started_at desc, id)`.execute(
    db,
  );
}
