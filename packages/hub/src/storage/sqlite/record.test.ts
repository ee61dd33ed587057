import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import BetterSqlite3 from "better-sqlite3";
import { Kysely, SqliteDialect, sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase, type Database } from "../database.ts";
import type { Tables } from "../tables.ts";
import { Transactions } from "../transactions.ts";
import { StatementCache } from "./statement-cache.ts";

let folder: string;
let database: Database;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-record-"));
  database = await openDatabase({ kind: "sqlite", path: join(folder, "hearth.db") });
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function synchronous(): Promise<unknown> {
  const { rows } = await sql`pragma synchronous`.execute(database.db);
  return rows[0];
}

function insert(name: string): Promise<unknown> {
  const row = { id: name, name, lifecycle_stage: "active" as const, created_at: 1, updated_at: 1 };
  return database.db.insertInto("experiments").values(row).execute();
}

const full = { synchronous: 2 };

test("a record commits without waiting for the disk, and everything after it waits again", async () => {
  let during: unknown;
  await database.record(async () => {
    during = await synchronous();
    await insert("a");
  });
  expect(during).toEqual({ synchronous: 1 });
  expect(await synchronous()).toEqual(full);
  await database.write(async () => {
    during = await synchronous();
  });
  expect(during).toEqual(full);
});

test("a failed record leaves nothing, and the setting as it was", async () => {
  const failed = database.record(async () => {
    await insert("a");
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  expect(await synchronous()).toEqual(full);
  expect(await database.db.selectFrom("experiments").select("id").execute()).toEqual([]);
});

test("records and writes at the same time", async () => {
  const work = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? database.record(() => insert(`r${index}`)) : database.write(() => insert(`w${index}`)),
  );
  await Promise.all(work);
  expect(await database.db.selectFrom("experiments").select("id").execute()).toHaveLength(40);
  expect(await synchronous()).toEqual(full);
});

test("the setting is as it was also when no transaction could begin", async () => {
  const statements: string[] = [];
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: new StatementCache(new BetterSqlite3(":memory:")) }),
    log: (event) => {
      statements.push(event.query.sql);
    },
  });
  const transactions = new Transactions(db, {
    begin: "begin nonsense",
    relaxed: { before: "select 1", after: "select 2" },
  });
  await expect(transactions.begin((open) => open.whole(() => Promise.resolve()), "relaxed")).rejects.toThrow(
    "nonsense",
  );
  expect(statements.at(-1)).toBe("select 2");
  await db.destroy();
});
