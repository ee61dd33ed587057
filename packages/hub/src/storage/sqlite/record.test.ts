import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openDatabase, type Database } from "../database.ts";

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

function insert(name: string): Promise<unknown> {
  const row = { id: name, name, lifecycle_stage: "active" as const, created_at: 1, updated_at: 1 };
  return database.db.insertInto("experiments").values(row).execute();
}

/** How often the disk has been waited for. */
const syncs = vi.hoisted(() => ({ count: 0 }));
vi.mock(import("node:fs"), async (original) => {
  const fs = await original();
  const { fdatasync } = fs;
  const counting = (fd: number, done: (error: Error | null) => void): void => {
    syncs.count += 1;
    fdatasync(fd, done);
  };
  const fdatasyncSync = (fd: number): void => {
    syncs.count += 1;
    fs.fdatasyncSync(fd);
  };
  return {
    ...fs,
    fdatasync: Object.assign(counting, { __promisify__: promisify(fdatasync) }),
    fdatasyncSync,
  };
});

test("a record commits without waiting for the disk, and everything else waits for it", async () => {
  const before = syncs.count;
  await database.record(() => insert("a"));
  expect(syncs.count).toBe(before);
  await database.write(() => insert("b"));
  expect(syncs.count).toBe(before + 1);
  await database.transaction(() => insert("c"));
  expect(syncs.count).toBe(before + 2);
  expect(await database.db.selectFrom("experiments").select("id").execute()).toHaveLength(3);
});

test("a failed record leaves nothing", async () => {
  const failed = database.record(async () => {
    await insert("a");
    throw new Error("no");
  });
  await expect(failed).rejects.toThrow("no");
  expect(await database.db.selectFrom("experiments").select("id").execute()).toEqual([]);
});

test("records and writes at the same time", async () => {
  const work = Array.from({ length: 40 }, (_, index) =>
    index % 2 === 0 ? database.record(() => insert(`r${index}`)) : database.write(() => insert(`w${index}`)),
  );
  await Promise.all(work);
  expect(await database.db.selectFrom("experiments").select("id").execute()).toHaveLength(40);
});
