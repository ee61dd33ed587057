import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { expect, test } from "vitest";
import type { Tables } from "../tables.ts";
import * as first from "./0001-first-tables.ts";
import * as tracking from "./0002-tracking.ts";
import * as registry from "./0004-registry.ts";
import * as traces from "./0005-traces.ts";

test("answers of the first release become traces of their models' experiments", async () => {
  const connection = new BetterSqlite3(":memory:");
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: connection }) });
  const untyped = db as unknown as Kysely<unknown>;
  await first.up(untyped);
  await sql`insert into experiments (id, name, lifecycle_stage, created_at, updated_at)
    values ('e', 'ember', 'active', 1, 1)`.execute(db);
  await sql`insert into experiments (id, name, lifecycle_stage, created_at, updated_at)
    values ('g', 'gone', 'deleted', 1, 1)`.execute(db);
  await sql`insert into models (id, name, task_type, description, tags, experiment_id, created_at, updated_at)
    values ('m', 'ember', 'chat', '', '{}', 'e', 1, 1)`.execute(db);
  const insert = (id: string, model: string, status: string) =>
    sql`insert into traces (id, endpoint, version_id, model, version, run_id, status, prompt_tokens, cached_tokens,
        completion_tokens, latency_ms, created_at)
      values (${id}, '/inference', 'v', ${model}, 3, 'r', ${status}, 10, 0, 5, 40.6, 1704164645000)`.execute(
      db,
    );
  await insert("11111111-2222-3333-4444-555555555555", "ember", "ok");
  await insert("21111111-2222-3333-4444-555555555555", "gone", "error");
  await insert("31111111-2222-3333-4444-555555555555", "never there", "ok");
  await tracking.up(untyped);
  await registry.up(untyped);
  await traces.up(untyped);

  const id = "tr-11111111222233334444555555555555";
  const rows = await db.selectFrom("traces").selectAll().orderBy("id").execute();
  expect(rows).toMatchObject([
    {
      id,
      experiment_id: "e",
      started_at: 1704164645000 - 41,
      duration_ms: 41,
      state: "OK",
      name: "/inference",
      input_tokens: 10,
      total_tokens: 15,
      finalized: 1,
    },
    { experiment_id: "g", state: "ERROR" },
  ]);
  expect(await db.selectFrom("inferences").select("trace_id").orderBy("trace_id").execute()).toHaveLength(3);
  expect(await db.selectFrom("trace_metadata").selectAll().where("trace_id", "=", id).execute()).toEqual(
    expect.arrayContaining([
      { trace_id: id, key: "mlflow.sourceRun", value: "r" },
      { trace_id: id, key: "hearth.modelVersion", value: "ember:3" },
    ]),
  );
  const spans = await db.selectFrom("spans").select(["trace_id", "content"]).orderBy("trace_id").execute();
  expect(spans).toHaveLength(2);
  expect(JSON.parse(spans[0]?.content ?? "")).toMatchObject({
    trace_id: "11111111222233334444555555555555",
    start_time_unix_nano: "1704164644959400000",
    end_time_unix_nano: "1704164645000000000",
    attributes: { "mlflow.llm.model": "ember:3" },
  });
  await db.destroy();
});
