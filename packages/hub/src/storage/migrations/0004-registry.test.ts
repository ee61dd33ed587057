import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { expect, test } from "vitest";
import type { Tables } from "../tables.ts";
import * as first from "./0001-first-tables.ts";
import * as tracking from "./0002-tracking.ts";
import * as registry from "./0004-registry.ts";

test("models of the first release keep their versions, aliases, tags and experiments", async () => {
  const connection = new BetterSqlite3(":memory:");
  connection.pragma("foreign_keys = on");
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: connection }) });
  const untyped = db as unknown as Kysely<unknown>;
  await first.up(untyped);
  await sql`insert into experiments (id, name, lifecycle_stage, created_at, updated_at)
    values ('e', 'ember', 'active', 1, 1)`.execute(db);
  await sql`insert into runs (id, experiment_id, name, kind, status, lifecycle_stage, started_at)
    values ('r', 'e', 'run', 'training', 'FINISHED', 'active', 1)`.execute(db);
  await sql`insert into models (id, name, task_type, description, tags, experiment_id, created_at, updated_at)
    values ('m', 'ember', 'chat', 'd', ${JSON.stringify({ team: "x", "a b": "ünï" })}, 'e', 1, 2)`.execute(
    db,
  );
  const version = (number: number, status: string, sha256: string | null) =>
    sql`insert into model_versions (id, model_id, version, status, kind, run_id, sha256, checksums, metrics, lineage, created_at, updated_at)
      values (${`v${number}`}, 'm', ${number}, ${status}, 'full', 'r', ${sha256}, '{}', '{}', '{}', 1, 1)`.execute(
      db,
    );
  await version(1, "archived", "aa");
  await version(4, "ready", null);
  await sql`insert into model_aliases (model_id, alias, version, updated_at) values ('m', 'champion', 4, 1)`.execute(
    db,
  );
  await tracking.up(untyped);
  await db.transaction().execute((transaction) => registry.up(transaction as unknown as Kysely<unknown>));

  expect(await db.selectFrom("models").selectAll().execute()).toEqual([
    {
      id: "m",
      name: "ember",
      task_type: "chat",
      description: "d",
      base_model: null,
      experiment_id: "e",
      last_version: 4,
      created_at: 1,
      updated_at: 2,
    },
  ]);
  expect(await db.selectFrom("model_tags").selectAll().orderBy("key").execute()).toEqual([
    { model_id: "m", key: "a b", value: "ünï" },
    { model_id: "m", key: "team", value: "x" },
  ]);
  expect(
    await db.selectFrom("model_versions").select(["id", "stage", "source_run_id"]).orderBy("id").execute(),
  ).toEqual([
    { id: "v1", stage: "Archived", source_run_id: "r" },
    { id: "v4", stage: "None", source_run_id: "r" },
  ]);
  expect(
    await db.selectFrom("model_version_tags").selectAll().orderBy("version_id").orderBy("key").execute(),
  ).toEqual([
    { version_id: "v1", key: "hearth.kind", value: "full" },
    { version_id: "v1", key: "hearth.sha256", value: "aa" },
    { version_id: "v4", key: "hearth.kind", value: "full" },
  ]);
  expect(await db.selectFrom("model_aliases").select(["alias", "version"]).execute()).toEqual([
    { alias: "champion", version: 4 },
  ]);
  // The column that may be empty now still refers to an experiment.
  await expect(db.updateTable("models").set({ experiment_id: "none" }).execute()).rejects.toThrow(
    "FOREIGN KEY",
  );
  expect(connection.pragma("foreign_key_check")).toEqual([]);
  await db.destroy();
});
