import type { Kysely } from "kysely";

/** Evaluation datasets and scorers. `../tables/evaluation-datasets.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await datasets(db);
  await records(db);
  await scorers(db);
}

async function datasets(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("evaluation_datasets")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("digest", "text", (column) => column.notNull())
    .addColumn("schema", "text")
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("created_by", "text")
    .addColumn("updated_by", "text")
    .execute();
  await db.schema
    .createIndex("evaluation_datasets_by_name")
    .on("evaluation_datasets")
    .column("name")
    .execute();
  await db.schema
    .createTable("evaluation_dataset_tags")
    .addColumn("dataset_id", "text", (column) =>
      column.notNull().references("evaluation_datasets.id").onDelete("cascade"),
    )
    .addColumn("key", "text", (column) => column.notNull())
    .addColumn("value", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("evaluation_dataset_tags_key", ["dataset_id", "key"])
    .execute();
  await db.schema
    .createTable("evaluation_dataset_experiments")
    .addColumn("dataset_id", "text", (column) =>
      column.notNull().references("evaluation_datasets.id").onDelete("cascade"),
    )
    .addColumn("experiment_id", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("evaluation_dataset_experiments_key", ["dataset_id", "experiment_id"])
    .execute();
  await db.schema
    .createIndex("evaluation_dataset_experiments_by_experiment")
    .on("evaluation_dataset_experiments")
    .column("experiment_id")
    .execute();
}

async function records(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable("evaluation_records")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("dataset_id", "text", (column) =>
      column.notNull().references("evaluation_datasets.id").onDelete("cascade"),
    )
    .addColumn("input_hash", "text", (column) => column.notNull())
    .addColumn("inputs", "text", (column) => column.notNull());
  for (const name of ["outputs", "expectations", "tags", "source", "source_type", "source_id"])
    table = table.addColumn(name, "text");
  await table
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .addColumn("created_by", "text")
    .addColumn("updated_by", "text")
    .addUniqueConstraint("evaluation_records_input", ["dataset_id", "input_hash"])
    .execute();
  await db.schema
    .createIndex("evaluation_records_in_order")
    .on("evaluation_records")
    .columns(["dataset_id", "created_at", "id"])
    .execute();
}

async function scorers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("scorers")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("experiment_id", "text", (column) =>
      column.notNull().references("experiments.id").onDelete("cascade"),
    )
    .addColumn("name", "text", (column) => column.notNull())
    .addUniqueConstraint("scorers_name", ["experiment_id", "name"])
    .execute();
  await db.schema
    .createTable("scorer_versions")
    .addColumn("scorer_id", "text", (column) => column.notNull().references("scorers.id").onDelete("cascade"))
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("serialized", "text", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("scorer_versions_key", ["scorer_id", "version"])
    .execute();
}
