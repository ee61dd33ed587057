import { sql, type Kysely } from "kysely";
import { isPostgres } from "./columns.ts";

/** What the registry needs to be MLflow's as well. `../tables/registry.ts` says what the columns mean. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await optionalExperiment(db);
  await versions(db);
  for (const [table, owner, reference] of [
    ["model_tags", "model_id", "models.id"],
    ["model_version_tags", "version_id", "model_versions.id"],
  ] as const) {
    await db.schema
      .createTable(table)
      .addColumn(owner, "text", (column) => column.notNull().references(reference).onDelete("cascade"))
      .addColumn("key", "text", (column) => column.notNull())
      .addColumn("value", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint(`${table}_key`, [owner, "key"])
      .execute();
    await db.schema.createIndex(`${table}_by_key`).on(table).columns(["key", owner]).execute();
  }
  await moveTags(db);
  await webhooks(db);
}

/** SQLite cannot take a NOT NULL back, and a table that others refer to is not safely made anew; a column is. */
async function optionalExperiment(db: Kysely<unknown>): Promise<void> {
  if (isPostgres(db)) {
    await sql`alter table models alter column experiment_id drop not null`.execute(db);
  } else {
    await sql`alter table models add column optional_experiment_id text references experiments (id)`.execute(
      db,
    );
    await sql`update models set optional_experiment_id = experiment_id`.execute(db);
    await sql`alter table models drop column experiment_id`.execute(db);
    await sql`alter table models rename column optional_experiment_id to experiment_id`.execute(db);
  }
  await db.schema
    .alterTable("models")
    .addColumn("last_version", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
  await sql`update models set last_version = coalesce(
    (select max(version) from model_versions where model_versions.model_id = models.id), 0)`.execute(db);
}

async function versions(db: Kysely<unknown>): Promise<void> {
  for (const column of ["source", "storage_location", "run_link", "description", "user_id"]) {
    await db.schema.alterTable("model_versions").addColumn(column, "text").execute();
  }
  await db.schema
    .alterTable("model_versions")
    .addColumn("stage", "text", (column) =>
      column
        .notNull()
        .defaultTo("None")
        .check(sql`stage in ('None', 'Staging', 'Production', 'Archived')`),
    )
    .execute();
  await db.schema
    .alterTable("model_versions")
    .addColumn("source_run_id", "text", (column) => column.notNull().defaultTo(""))
    .execute();
  await sql`update model_versions set source_run_id = coalesce(run_id, '')`.execute(db);
  await sql`update model_versions set stage = 'Archived' where status = 'archived'`.execute(db);
  await db.schema
    .createIndex("model_versions_by_source_run")
    .on("model_versions")
    .column("source_run_id")
    .execute();
  await db.schema.createIndex("model_versions_by_update").on("model_versions").column("updated_at").execute();
}

async function moveTags(db: Kysely<unknown>): Promise<void> {
  const pairs = isPostgres(db)
    ? sql`jsonb_each_text(models.tags::jsonb) as tag(key, value)`
    : sql`json_each(models.tags) as tag`;
  await sql`insert into model_tags (model_id, key, value)
    select models.id, tag.key, tag.value from models, ${pairs}`.execute(db);
  await db.schema.alterTable("models").dropColumn("tags").execute();
  await sql`insert into model_version_tags (version_id, key, value)
    select id, 'hearth.kind', kind from model_versions`.execute(db);
  await sql`insert into model_version_tags (version_id, key, value)
    select id, 'hearth.sha256', sha256 from model_versions where sha256 is not null`.execute(db);
}

async function webhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("webhooks")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("description", "text")
    .addColumn("url", "text", (column) => column.notNull())
    .addColumn("events", "text", (column) => column.notNull())
    .addColumn("secret", "text")
    .addColumn("status", "text", (column) => column.notNull().check(sql`status in ('ACTIVE', 'DISABLED')`))
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("updated_at", "bigint", (column) => column.notNull())
    .execute();
}
