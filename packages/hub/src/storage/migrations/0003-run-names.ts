import { sql, type Kysely } from "kysely";

/** The name of a run is a tag of it, too; runs of the first release have it only as a column. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`insert into run_tags (run_id, key, value)
    select id, 'mlflow.runName', name from runs
    where not exists (select 1 from run_tags where run_id = runs.id and key = 'mlflow.runName')`.execute(db);
}
