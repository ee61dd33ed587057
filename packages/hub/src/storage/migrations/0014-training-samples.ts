import type { Kysely } from "kysely";

/** Answers in the middle of a training. `../tables/training.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("training_samples")
    .addColumn("job_id", "text", (column) => column.notNull().references("jobs.id").onDelete("cascade"))
    .addColumn("step", "bigint", (column) => column.notNull())
    .addColumn("prompt_index", "integer", (column) => column.notNull())
    .addColumn("prompt", "text", (column) => column.notNull())
    .addColumn("expected", "text")
    .addColumn("answer", "text", (column) => column.notNull())
    .addColumn("complete", "integer", (column) => column.notNull())
    .addColumn("seconds", "double precision", (column) => column.notNull())
    .addPrimaryKeyConstraint("training_samples_key", ["job_id", "step", "prompt_index"])
    .execute();
}
