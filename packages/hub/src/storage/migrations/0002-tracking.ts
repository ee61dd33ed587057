import { sql, type CreateTableBuilder, type Kysely } from "kysely";
import { isPostgres, withCounter } from "./columns.ts";

/** What tracking needs to be MLflow's as well. `../tables/tracking.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await experiments(db);
  await runs(db);
  await inputs(db);
  await metrics(db);
  await moveMetrics(db);
}

async function experiments(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("experiments").addColumn("artifact_location", "text").execute();
  await pairs(db, "experiment_tags", "experiment_id", "experiments.id").execute();
}

async function runs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable("runs")
    .addColumn("user_id", "text", (column) => column.notNull().defaultTo(""))
    .execute();
  await db.schema.alterTable("runs").addColumn("deleted_at", "bigint").execute();
  for (const table of ["run_params", "run_tags"]) {
    // The beginning of a value: PostgreSQL indexes no text of some thousand bytes. Searches name the same expression.
    await sql`create index ${sql.id(`${table}_by_value`)}
      on ${sql.table(table)} (key, substr(value, 1, 64), run_id)`.execute(db);
  }
}

async function inputs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("tracked_datasets")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("experiment_id", "text", (column) =>
      column.notNull().references("experiments.id").onDelete("cascade"),
    )
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("source_type", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("schema", "text")
    .addColumn("profile", "text")
    .addUniqueConstraint("tracked_datasets_digest", ["experiment_id", "name", "digest"])
    .execute();
  await db.schema
    .createTable("run_dataset_inputs")
    .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("dataset_id", "text", (column) =>
      column.notNull().references("tracked_datasets.id").onDelete("cascade"),
    )
    .addColumn("tags", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("run_dataset_inputs_key", ["run_id", "dataset_id"])
    .execute();
  await db.schema
    .createIndex("run_dataset_inputs_by_dataset")
    .on("run_dataset_inputs")
    .column("dataset_id")
    .execute();
  await db.schema
    .createTable("run_model_inputs")
    .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("model_id", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("run_model_inputs_key", ["run_id", "model_id"])
    .execute();
  await db.schema
    .createTable("run_model_outputs")
    .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("model_id", "text", (column) => column.notNull())
    .addColumn("step", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("run_model_outputs_key", ["run_id", "model_id"])
    .execute();
}

async function metrics(db: Kysely<unknown>): Promise<void> {
  await withCounter(db, db.schema.createTable("metric_series"), "id")
    .addColumn("run_id", "text", (column) => column.notNull().references("runs.id").onDelete("cascade"))
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("value", "double precision", (column) => column.notNull())
    .addColumn("is_nan", "integer", (column) => column.notNull())
    .addColumn("timestamp", "bigint", (column) => column.notNull())
    .addColumn("step", "bigint", (column) => column.notNull())
    .addUniqueConstraint("metric_series_key", ["run_id", "key"])
    .execute();
  await db.schema
    .createIndex("metric_series_by_value")
    .on("metric_series")
    .columns(["key", "is_nan", "value", "run_id"])
    .execute();
  await clustered(db, db.schema.createTable("metric_points"))
    .addColumn("series_id", "bigint", (column) =>
      column.notNull().references("metric_series.id").onDelete("cascade"),
    )
    .addColumn("step", "bigint", (column) => column.notNull())
    .addColumn("timestamp", "bigint", (column) => column.notNull())
    .addColumn("value", "double precision", (column) => column.notNull())
    .addColumn("is_nan", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("metric_points_key", ["series_id", "timestamp", "step", "value", "is_nan"])
    .execute();
  await clustered(db, db.schema.createTable("metric_cells"))
    .addColumn("series_id", "bigint", (column) =>
      column.notNull().references("metric_series.id").onDelete("cascade"),
    )
    .addColumn("width", "integer", (column) => column.notNull())
    .addColumn("cell", "bigint", (column) => column.notNull())
    .addColumn("first_timestamp", "bigint", (column) => column.notNull())
    .addColumn("last_timestamp", "bigint", (column) => column.notNull())
    .addColumn("min_value", "double precision")
    .addColumn("min_step", "bigint")
    .addColumn("min_timestamp", "bigint")
    .addColumn("max_value", "double precision")
    .addColumn("max_step", "bigint")
    .addColumn("max_timestamp", "bigint")
    .addPrimaryKeyConstraint("metric_cells_key", ["series_id", "width", "cell"])
    .execute();
}

/** Takes over what the first release has stored. */
async function moveMetrics(db: Kysely<unknown>): Promise<void> {
  await sql`insert into metric_series (run_id, key, value, is_nan, timestamp, step)
    select run_id, key, value, is_nan, timestamp, step from latest_metrics`.execute(db);
  await sql`insert into metric_points (series_id, step, timestamp, value, is_nan)
    select metric_series.id, metrics.step, metrics.timestamp, metrics.value, metrics.is_nan
    from metrics join metric_series
      on metric_series.run_id = metrics.run_id and metric_series.key = metrics.key`.execute(db);
  for (const width of [64, 4096]) await fillCells(db, width);
  await db.schema.dropTable("metrics").execute();
  await db.schema.dropTable("latest_metrics").execute();
}

async function fillCells(db: Kysely<unknown>, width: number): Promise<void> {
  const w = sql.lit(width);
  // A step may be negative, and both engines round a division of integers towards zero.
  const cell = sql`(step - ((step % ${w}) + ${w}) % ${w}) / ${w}`;
  const ranked = (order: string) => sql`(select series_id, cell, value, step, timestamp from (
      select series_id, ${cell} as cell, value, step, timestamp,
        row_number() over (partition by series_id, ${cell} order by ${sql.raw(order)}) as place
      from metric_points where is_nan = 0) places where place = 1)`;
  await sql`insert into metric_cells (series_id, width, cell, first_timestamp, last_timestamp,
      min_value, min_step, min_timestamp, max_value, max_step, max_timestamp)
    select times.series_id, ${w}, times.cell, times.first, times.last,
      smallest.value, smallest.step, smallest.timestamp, largest.value, largest.step, largest.timestamp
    from (select series_id, ${cell} as cell, min(timestamp) as first, max(timestamp) as last
          from metric_points group by 1, 2) times
    left join ${ranked("value, step")} smallest
      on smallest.series_id = times.series_id and smallest.cell = times.cell
    left join ${ranked("value desc, step")} largest
      on largest.series_id = times.series_id and largest.cell = times.cell`.execute(db);
}

function pairs(db: Kysely<unknown>, table: string, owner: string, reference: string) {
  return db.schema
    .createTable(table)
    .addColumn(owner, "text", (column) => column.notNull().references(reference).onDelete("cascade"))
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint(`${table}_key`, [owner, "key"]);
}

/** SQLite keeps the rows in the primary key itself then: half the pages to write for each point. */
function clustered(db: Kysely<unknown>, table: CreateTableBuilder<string>) {
  return isPostgres(db) ? table : table.modifyEnd(sql`without rowid`);
}
