import { sql } from "kysely";
import { expect, it } from "vitest";
import { isForeignKeyViolation, isUniqueViolation } from "./errors.ts";
import { describeEachDatabase } from "./tests/each-database.ts";
import { addExperiment, experimentNames } from "./tests/samples.ts";

describeEachDatabase("a database", (open) => {
  it("keeps what was committed for the next one who opens it", async () => {
    const { database, openAgain } = open();
    await database.transaction((db) => addExperiment(db, "transaction"));
    await database.write((db) => addExperiment(db, "write"));
    await database.record((db) => addExperiment(db, "record"));
    const again = await openAgain();
    expect(await experimentNames(again.db)).toEqual(["record", "transaction", "write"]);
    await expect(again.ping()).resolves.toBeUndefined();
  });

  it("keeps nothing of a transaction that failed", async () => {
    const { database } = open();
    for (const run of [database.transaction, database.write, database.record]) {
      await expect(
        run(async (db) => {
          await addExperiment(db, "lost");
          throw new Error("no");
        }),
      ).rejects.toThrow("no");
    }
    expect(await experimentNames(database.db)).toEqual([]);
  });

  it("gives functions called inside a transaction that same transaction", async () => {
    const { database } = open();
    const add = (name: string) => database.write(() => addExperiment(database.db, name));
    await expect(
      database.transaction(async () => {
        await add("one");
        await add("two");
        expect(await experimentNames(database.db)).toEqual(["one", "two"]);
        throw new Error("all of it");
      }),
    ).rejects.toThrow("all of it");
    expect(await experimentNames(database.db)).toEqual([]);
  });

  it("rolls back only the inner part when an inner transaction fails and is caught", async () => {
    const { database } = open();
    await addExperiment(database.db, "taken");
    await database.transaction(async () => {
      await addExperiment(database.db, "before");
      const failure = await database
        .transaction(async (db) => {
          await addExperiment(db, "inner");
          await addExperiment(db, "taken");
        })
        .catch((error: unknown) => error);
      expect(isUniqueViolation(failure)).toBe(true);
      await addExperiment(database.db, "after");
    });
    expect(await experimentNames(database.db)).toEqual(["after", "before", "taken"]);
  });

  it("runs what is to follow a commit after it, and never after a rollback", async () => {
    const { database } = open();
    const told: string[] = [];
    const tell = (what: string) => database.afterCommit(() => told.push(what));
    tell("at once");
    expect(told).toEqual(["at once"]);
    for (const run of [database.transaction, database.write, database.record]) {
      told.length = 0;
      await run(async () => {
        tell("outer");
        await database.write(async (db) => {
          await addExperiment(db);
          tell("inner");
        });
        const failing = database.write(async (db) => {
          await addExperiment(db);
          tell("rolled back");
          throw new Error("no");
        });
        await failing.catch(() => undefined);
        expect(told).toEqual([]);
      });
      expect(told).toEqual(["outer", "inner"]);
      const lost = run(async (db) => {
        await addExperiment(db);
        tell("lost");
        throw new Error("no");
      });
      await expect(lost).rejects.toThrow("no");
      expect(told).toEqual(["outer", "inner"]);
    }
  });

  it("runs inner transactions that start together one after the other", async () => {
    const { database } = open();
    await database.transaction(async () => {
      const results = await Promise.allSettled(
        ["a", "b", "c", "d"].map((name) =>
          database.transaction(async (db) => {
            await addExperiment(db, name);
            if (name === "b") throw new Error("b fails");
          }),
        ),
      );
      expect(results.map((result) => result.status)).toEqual([
        "fulfilled",
        "rejected",
        "fulfilled",
        "fulfilled",
      ]);
    });
    expect(await experimentNames(database.db)).toEqual(["a", "c", "d"]);
  });

  it("lets what outlives a transaction work on the database again", async () => {
    const { database } = open();
    const ended = Promise.withResolvers<void>();
    let late: Promise<string> | undefined;
    await database.transaction(async () => {
      late = ended.promise.then(() => addExperiment(database.db, "late"));
      await addExperiment(database.db, "inside");
    });
    ended.resolve();
    await late;
    expect(await experimentNames(database.db)).toEqual(["inside", "late"]);
  });

  it("lets one of several writes fail alone", async () => {
    const { database } = open();
    const results = await Promise.allSettled(
      ["a", "b", "a", "c"].map((name) => database.write((db) => addExperiment(db, name))),
    );
    expect(results.map((result) => result.status)).toContain("rejected");
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(3);
    expect(await experimentNames(database.db)).toEqual(["a", "b", "c"]);
  });

  it("loses no update of writers that read first", async () => {
    const { database } = open();
    const id = await addExperiment(database.db, "counter");
    const increment = () =>
      database.write(async (db) => {
        // The write that comes first is the lock.
        await db.updateTable("experiments").set({ lifecycle_stage: "active" }).where("id", "=", id).execute();
        const { updated_at } = await db
          .selectFrom("experiments")
          .select("updated_at")
          .where("id", "=", id)
          .executeTakeFirstOrThrow();
        await db
          .updateTable("experiments")
          .set({ updated_at: updated_at + 1 })
          .where("id", "=", id)
          .execute();
      });
    await Promise.all(Array.from({ length: 40 }, increment));
    const row = await database.db
      .selectFrom("experiments")
      .select("updated_at")
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    expect(row.updated_at).toBe(41);
  });

  it("finishes the writes that wait when it is closed", async () => {
    const { database, openAgain } = open();
    const writes = ["x", "y"].map((name) => database.write((db) => addExperiment(db, name)));
    const closed = database[Symbol.asyncDispose]();
    await Promise.all(writes);
    await closed;
    expect(await experimentNames((await openAgain()).db)).toEqual(["x", "y"]);
  });

  it("gives instants back as numbers", async () => {
    const { database } = open();
    const now = 1_795_233_267_020;
    await database.db
      .insertInto("experiments")
      .values({ id: "e", name: "e", lifecycle_stage: "active", created_at: now, updated_at: now })
      .execute();
    const row = await database.db.selectFrom("experiments").selectAll().executeTakeFirstOrThrow();
    expect(row.created_at).toBe(now);
    const { total } = await database.db
      .selectFrom("experiments")
      .select((one) => one.fn.countAll<number>().as("total"))
      .executeTakeFirstOrThrow();
    expect(total).toBe(1);
  });

  it("refuses a version without its model", async () => {
    const { database } = open();
    const failure = await database.db
      .insertInto("model_versions")
      .values({
        id: "v",
        model_id: "nobody",
        version: 1,
        status: "ready",
        kind: "full",
        base_version_id: null,
        dataset_id: null,
        job_id: null,
        run_id: null,
        artifact_path: null,
        sha256: null,
        checksums: "{}",
        metrics: "{}",
        summary: null,
        lineage: "{}",
        error: null,
        created_at: 1,
        updated_at: 1,
      })
      .execute()
      .catch((error: unknown) => error);
    expect(isForeignKeyViolation(failure)).toBe(true);
  });

  it("refuses a database that a newer Hearth has changed", async () => {
    const { database, openAgain } = open();
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '2099-01-01T00:00:00Z')`.execute(
      database.db,
    );
    await expect(openAgain()).rejects.toMatchObject({
      code: "configuration_invalid",
      details: { unknown_migrations: ["9999-later"] },
    });
  });
});
