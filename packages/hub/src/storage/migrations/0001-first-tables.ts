import { sql, type CreateTableBuilder, type Kysely } from "kysely";
import { withCounter } from "./columns.ts";

/** The tables of the first release. `../tables.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await trackingTables(db);
  await datasetTable(db);
  await registryTables(db);
  await jobTable(db);
  await evaluationTable(db);
  await traceTable(db);
}

async function trackingTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("experiments")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("lifecycle_stage", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("runs")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("experiment_id", "text", (column) =>
      column.notNull().references("experiments.id").onDelete("cascade"),
    )
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("lifecycle_stage", "text", (column) => column.notNull())
    .addColumn("started_at", "bigint", (column) => column.notNull())
    .addColumn("ended_at", "bigint")
    .execute();
  await db.schema
    .createIndex("runs_by_experiment")
    .on("runs")
    .columns(["experiment_id", "started_at"])
    .execute();
  for (const table of ["run_params", "run_tags"]) {
    await db.schema
      .createTable(table)
      .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("value", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, ["run_id", "key"])
      .execute();
  }
  await metricColumns(db.schema.createTable("metrics"))
    .addPrimaryKeyConstraint("metrics_key", ["run_id", "key", "timestamp", "step", "value", "is_nan"])
    .execute();
  await metricColumns(db.schema.createTable("latest_metrics"))
    .addPrimaryKeyConstraint("latest_metrics_key", ["run_id", "key"])
    .execute();
}

function metricColumns(table: CreateTableBuilder<string>) {
  return table
    .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("value", "double precision", (column) => column.notNull())
    .addColumn("is_nan", "integer", (column) => column.notNull())
    .addColumn("timestamp", "bigint", (column) => column.notNull())
    .addColumn("step", "bigint", (column) => column.notNull());
}

async function datasetTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("datasets")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("path", "text", (column) => column.notNull())
    .addColumn("stored_path", "text", (column) => column.notNull())
    .addColumn("checksum", "text", (column) => column.notNull())
    .addColumn("format", "text", (column) => column.notNull())
    .addColumn("schema", "text", (column) => column.notNull())
    .addColumn("rows", "bigint", (column) => column.notNull())
    .addColumn("splits", "text", (column) => column.notNull())
    .addColumn("labels", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addUniqueConstraint("datasets_name_version", ["name", "version"])
    .execute();
  await db.schema.createIndex("datasets_by_checksum").on("datasets").column("checksum").execute();
}

async function registryTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("models")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull().unique())
    .addColumn("task_type", "text", (column) => column.notNull())
    .addColumn("description", "text", (column) => column.notNull())
    .addColumn("base_model", "text")
    .addColumn("tags", "text", (column) => column.notNull())
    .addColumn("experiment_id", "text", (column) => column.notNull().references("experiments.id"))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createTable("model_versions")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("model_id", "text", (column) => column.notNull().references("models.id").onDelete("cascade"))
    .addColumn("version", "integer", (column) => column.notNull().check(sql`version >= 1`))
    .addColumn("status", "text", (column) =>
      column.notNull().check(sql`status in ('training', 'ready', 'archived', 'failed')`),
    )
    .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('full', 'adapter')`))
    // "no action" and not "restrict": a model with a base and its adapters goes in one statement.
    .addColumn("base_version_id", "text", (column) =>
      column.references("model_versions.id").onDelete("no action"),
    )
    .addColumn("dataset_id", "text", (column) => column.references("datasets.id").onDelete("no action"))
    .addColumn("job_id", "text")
    .addColumn("run_id", "text", (column) => column.references("runs.id").onDelete("set null"))
    .addColumn("artifact_path", "text")
    .addColumn("sha256", "text")
    .addColumn("checksums", "text", (column) => column.notNull())
    .addColumn("metrics", "text", (column) => column.notNull())
    .addColumn("summary", "text")
    .addColumn("lineage", "text", (column) => column.notNull())
    .addColumn("error", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addUniqueConstraint("model_versions_number", ["model_id", "version"])
    .execute();
  await db.schema
    .createIndex("model_versions_by_base")
    .on("model_versions")
    .column("base_version_id")
    .execute();
  await db.schema
    .createIndex("model_versions_by_dataset")
    .on("model_versions")
    .column("dataset_id")
    .execute();
  await db.schema
    .createTable("model_aliases")
    .addColumn("model_id", "text", (column) => column.notNull())
    .addColumn("alias", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("model_aliases_key", ["model_id", "alias"])
    .addForeignKeyConstraint(
      "model_aliases_version",
      ["model_id", "version"],
      "model_versions",
      ["model_id", "version"],
      (constraint) => constraint.onDelete("cascade"),
    )
    .execute();
  await withCounter(db, db.schema.createTable("model_events"), "id")
    .addColumn("model_id", "text", (column) => column.notNull().references("models.id").onDelete("cascade"))
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("version", "integer")
    .addColumn("details", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("model_events_by_model")
    .on("model_events")
    .columns(["model_id", "id"])
    .execute();
}

async function jobTable(db: Kysely<unknown>): Promise<void> {
  await withCounter(db, db.schema.createTable("jobs"), "sequence")
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("kind", "text", (column) => column.notNull().check(sql`kind in ('train', 'reproduce')`))
    .addColumn("model_id", "text", (column) => column.notNull().references("models.id").onDelete("cascade"))
    .addColumn("dataset_id", "text", (column) =>
      column.notNull().references("datasets.id").onDelete("no action"),
    )
    .addColumn("version_id", "text", (column) =>
      column.notNull().references("model_versions.id").onDelete("cascade"),
    )
    .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("no action"))
    .addColumn("status", "text", (column) =>
      column.notNull().check(sql`status in ('queued', 'running', 'completed', 'failed', 'cancelled')`),
    )
    .addColumn("parameters", "text", (column) => column.notNull())
    .addColumn("specification", "text", (column) => column.notNull())
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("max_retries", "integer", (column) => column.notNull())
    .addColumn("cancel_requested", "integer", (column) => column.notNull())
    .addColumn("pid", "integer")
    .addColumn("heartbeat_at", "bigint")
    .addColumn("progress", "text")
    .addColumn("result_sha256", "text")
    .addColumn("identical", "integer")
    .addColumn("error", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("finished_at", "bigint")
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("jobs_by_status").on("jobs").columns(["status", "sequence"]).execute();
  for (const column of ["model_id", "dataset_id", "version_id"]) {
    await db.schema.createIndex(`jobs_by_${column}`).on("jobs").column(column).execute();
  }
}

async function evaluationTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("evaluations")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("no action"))
    .addColumn("version_id", "text", (column) =>
      column.notNull().references("model_versions.id").onDelete("cascade"),
    )
    .addColumn("dataset_id", "text", (column) =>
      column.notNull().references("datasets.id").onDelete("no action"),
    )
    .addColumn("split", "text", (column) => column.notNull())
    .addColumn("rows", "bigint", (column) => column.notNull())
    .addColumn("metrics", "text", (column) => column.notNull())
    .addColumn("confusion", "text", (column) => column.notNull())
    .addColumn("examples", "text", (column) => column.notNull())
    .addColumn("seconds", "double precision", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("evaluations_by_version")
    .on("evaluations")
    .columns(["version_id", "created_at"])
    .execute();
  await db.schema.createIndex("evaluations_by_dataset").on("evaluations").column("dataset_id").execute();
}

/** No foreign keys: a trace stays when its version is gone. */
async function traceTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("traces")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("endpoint", "text", (column) => column.notNull())
    .addColumn("version_id", "text", (column) => column.notNull())
    .addColumn("model", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("run_id", "text")
    .addColumn("artifact_sha256", "text")
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("finish_reason", "text")
    .addColumn("error_code", "text")
    .addColumn("prompt_tokens", "bigint")
    .addColumn("cached_tokens", "bigint")
    .addColumn("completion_tokens", "bigint")
    .addColumn("ttft_ms", "double precision")
    .addColumn("latency_ms", "double precision", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("traces_by_time").on("traces").columns(["created_at", "id"]).execute();
  await db.schema
    .createIndex("traces_by_version")
    .on("traces")
    .columns(["version_id", "created_at"])
    .execute();
}
