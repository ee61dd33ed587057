import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import BetterSqlite3 from "better-sqlite3";
import fc from "fast-check";
import { Kysely, SqliteDialect, sql } from "kysely";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDatabase } from "../database.ts";
import type { Tables } from "../tables.ts";
import { addExperiment, experimentNames } from "../tests/samples.ts";
import { Transactions } from "../transactions.ts";
import { GroupCommit } from "./group-commit.ts";
import { StatementCache } from "./statement-cache.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "hearth-sqlite-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A database that counts its commits. */
async function counting() {
  const statements: string[] = [];
  const db = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: new StatementCache(new BetterSqlite3(":memory:")) }),
    log: (event) => {
      statements.push(event.query.sql);
    },
  });
  await sql`create table experiments (id text primary key, name text unique, lifecycle_stage text, created_at int, updated_at int)`.execute(
    db,
  );
  const commits = () => statements.filter((statement) => statement === "commit").length;
  return {
    db,
    groupCommit: new GroupCommit(new Transactions(db, { begin: "begin immediate" }), Infinity),
    commits,
  };
}

describe("group commit", () => {
  it("commits writes that arrive together once, and one that is alone by itself", async () => {
    const { db, groupCommit, commits } = await counting();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => groupCommit.write((open) => addExperiment(open, `${index}`))),
    );
    expect(commits()).toBe(1);
    await groupCommit.write((open) => addExperiment(open, "alone"));
    expect(commits()).toBe(2);
    await db.destroy();
  });

  it("answers no write before the commit that contains it", async () => {
    const { db, groupCommit, commits } = await counting();
    const commitsAtAnswer = await Promise.all(
      [1, 2, 3].map((index) => groupCommit.write((open) => addExperiment(open, `${index}`)).then(commits)),
    );
    expect(commitsAtAnswer).toEqual([1, 1, 1]);
    await db.destroy();
  });

  it("answers no write before its commit is on disk, and makes the next commit meanwhile", async () => {
    const { db, commits } = await counting();
    const disk: PromiseWithResolvers<void>[] = [];
    const persist = () => {
      const turn = Promise.withResolvers<void>();
      disk.push(turn);
      return turn.promise;
    };
    const groupCommit = new GroupCommit(new Transactions(db, { begin: "begin immediate", persist }));
    const answered: string[] = [];
    const write = (name: string) =>
      groupCommit.write((open) => addExperiment(open, name)).then(() => answered.push(name));
    const first = write("first");
    await expect.poll(() => disk).toHaveLength(1);
    const second = write("second");
    await expect.poll(() => disk).toHaveLength(2);
    expect([commits(), answered]).toEqual([2, []]);
    disk[0]?.resolve();
    await first;
    expect(answered).toEqual(["first"]);
    disk[1]?.reject(new Error("the disk is gone"));
    await expect(second).rejects.toThrow("the disk is gone");
    await db.destroy();
  });

  it("fails every write that waits when no transaction can begin", async () => {
    const { db, groupCommit } = await counting();
    await db.destroy();
    const results = await Promise.allSettled(
      [1, 2].map((index) => groupCommit.write((open) => addExperiment(open, `${index}`))),
    );
    expect(results.map((result) => result.status)).toEqual(["rejected", "rejected"]);
  });

  it("keeps exactly the writes that succeeded, whatever the mix", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ name: fc.integer({ min: 0, max: 6 }), fails: fc.boolean(), later: fc.boolean() }),
          { maxLength: 30 },
        ),
        async (writes) => {
          const { db, groupCommit } = await counting();
          const results: Promise<number>[] = [];
          for (const { name, fails, later } of writes) {
            if (later) await new Promise(setImmediate);
            const result = groupCommit.write(async (open) => {
              await addExperiment(open, `${name}`);
              if (fails) throw new Error("on purpose");
              return name;
            });
            result.catch(() => undefined);
            results.push(result);
          }
          const kept = (await Promise.allSettled(results)).flatMap((result) =>
            result.status === "fulfilled" ? [`${result.value}`] : [],
          );
          expect(await experimentNames(db)).toEqual(kept.toSorted());
          await db.destroy();
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a SQLite file", () => {
  it("has every acknowledged row after its writer was killed", async () => {
    const path = join(folder, "killed.db");
    const child = fork(fileURLToPath(new URL("./tests/writer.ts", import.meta.url)), [path], {
      execArgv: [],
    });
    const acknowledged: string[] = [];
    const enough = Promise.withResolvers<void>();
    child.on("message", (name) => {
      if (typeof name === "string") acknowledged.push(name);
      if (acknowledged.length === 200) {
        child.kill("SIGKILL");
        enough.resolve();
      }
    });
    const ended = once(child, "exit");
    await enough.promise;
    await ended;
    await using database = await openDatabase({ kind: "sqlite", path });
    const kept = new Set(await experimentNames(database.db));
    expect(acknowledged.filter((name) => !kept.has(name))).toEqual([]);
  });

  it("refuses writes with the reason when the disk is full, and goes on afterwards", async () => {
    await using database = await openDatabase({ kind: "sqlite", path: join(folder, "full.db") });
    const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(database.db);
    // The limit of the file stands for the limit of the disk: SQLite reports both as SQLITE_FULL.
    await sql.raw(`pragma max_page_count = ${rows[0]?.page_count ?? 0}`).execute(database.db);
    const big = "x".repeat(20_000);
    const results = await Promise.allSettled(
      [1, 2, 3].map((index) => database.write((db) => addExperiment(db, `${index}${big}`))),
    );
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "resource_exhausted" } });
    }
    await sql`pragma max_page_count = 100000`.execute(database.db);
    await database.write((db) => addExperiment(db, "small"));
    expect(await experimentNames(database.db)).toEqual(["small"]);
  });

  it("is refused when it is no database, and left as it was", async () => {
    const path = join(folder, "text.db");
    await writeFile(path, "this is a letter, not a database. ".repeat(50));
    await expect(openDatabase({ kind: "sqlite", path })).rejects.toMatchObject({
      code: "configuration_invalid",
    });
    expect((await stat(path)).size).toBe(1700);
    await expect(
      openDatabase({ kind: "sqlite", path: join(folder, "no", "folder.db") }),
    ).rejects.toMatchObject({
      code: "configuration_invalid",
    });
  });

  it("is opened with a write-ahead log and foreign keys", async () => {
    await using database = await openDatabase({ kind: "sqlite", path: join(folder, "pragmas.db") });
    const value = async (name: string) => {
      const { rows } = await sql<Record<string, unknown>>`${sql.raw(`pragma ${name}`)}`.execute(database.db);
      return rows[0]?.[name];
    };
    expect([await value("journal_mode"), await value("foreign_keys")]).toEqual(["wal", 1]);
  });

  it("waits for the disk itself when a write comes outside of a transaction", async () => {
    await using database = await openDatabase({ kind: "sqlite", path: join(folder, "alone.db") });
    /** Writes a row with the setting that its own commit runs under. */
    const write = (name: string) =>
      sql`insert into experiments (id, name, lifecycle_stage, created_at, updated_at)
        select ${name}, ${name}, 'active', synchronous, 1 from pragma_synchronous`.execute(database.db);
    await write("alone");
    await database.transaction(() => write("in a transaction"));
    const rows = await database.db
      .selectFrom("experiments")
      .select(["name", "created_at"])
      .orderBy("name")
      .execute();
    expect(rows).toEqual([
      { name: "alone", created_at: 2 },
      { name: "in a transaction", created_at: 1 },
    ]);
  });
});
