import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { expect, test } from "vitest";
import type { Tables } from "../tables.ts";
import * as first from "./0001-first-tables.ts";
import * as tracking from "./0002-tracking.ts";
import * as registry from "./0004-registry.ts";
import * as traces from "./0005-traces.ts";
import * as elsewhere from "./0008-answers-elsewhere.ts";

test("earlier answers keep their versions; later ones need none", async () => {
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: new BetterSqlite3(":memory:") }) });
  const untyped = db as unknown as Kysely<unknown>;
  for (const { up } of [first, tracking, registry, traces]) await up(untyped);
  const insert = (id: string, versionId: string | null, version: number | null) =>
    sql`insert into inferences (trace_id, endpoint, version_id, model, version, status, latency_ms, created_at)
      values (${id}, '/inference', ${versionId}, 'ember', ${version}, 'ok', 1, 1)`.execute(db);
  await insert("tr-1", "v", 3);
  await expect(insert("tr-2", null, null)).rejects.toThrow(/NOT NULL/);
  await elsewhere.up(untyped);
  await insert("tr-2", null, null);
  const rows = db.selectFrom("inferences").select(["trace_id", "version_id", "version"]).orderBy("trace_id");
  expect(await rows.execute()).toEqual([
    { trace_id: "tr-1", version_id: "v", version: 3 },
    { trace_id: "tr-2", version_id: null, version: null },
  ]);
  await db.destroy();
});
