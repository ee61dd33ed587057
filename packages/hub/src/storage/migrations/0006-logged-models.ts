import { sql, type Kysely } from "kysely";

/** Models that programs log. `../tables/logged-models.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("logged_models")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("experiment_id", "text", (column) =>
      column.notNull().references("experiments.id").onDelete("cascade"),
    )
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("artifact_uri", "text", (column) => column.notNull())
    .addColumn("model_type", "text")
    .addColumn("status", "text", (column) =>
      column.notNull().check(sql`status in ('PENDING', 'READY', 'FAILED')`),
    )
    .addColumn("status_message", "text")
    .addColumn("lifecycle_stage", "text", (column) => column.notNull().defaultTo("active"))
    .addColumn("source_run_id", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("logged_models_by_experiment")
    .on("logged_models")
    .columns(["experiment_id", "created_at", "id"])
    .execute();
  await db.schema.createIndex("logged_models_by_run").on("logged_models").column("source_run_id").execute();
  for (const table of ["logged_model_params", "logged_model_tags"]) {
    await db.schema
      .createTable(table)
      .addColumn("model_id", "text", (column) =>
        column.notNull().references("logged_models.id").onDelete("cascade"),
      )
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("value", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, ["model_id", "key"])
      .execute();
  }
  await db.schema
    .createTable("logged_model_metrics")
    .addColumn("model_id", "text", (column) =>
      column.notNull().references("logged_models.id").onDelete("cascade"),
    )
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("timestamp", "bigint", (column) => column.notNull())
    .addColumn("step", "bigint", (column) => column.notNull())
    .addColumn("run_id", "text", (column) => column.notNull())
    .addColumn("value", "double precision", (column) => column.notNull())
    .addColumn("is_nan", "integer", (column) => column.notNull())
    .addColumn("dataset_name", "text")
    .addColumn("dataset_digest", "text")
    .addPrimaryKeyConstraint("logged_model_metrics_key", ["model_id", "key", "timestamp", "step", "run_id"])
    .execute();
}
