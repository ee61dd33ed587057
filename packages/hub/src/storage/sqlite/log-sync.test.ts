import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LogSync } from "./log-sync.ts";

let path: string;

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), "hearth-log-sync-")), "hearth.db");
  await writeFile(`${path}-wal`, "");
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(join(path, ".."), { recursive: true });
});

/** A disk that keeps its callers waiting until it is told to go on, and then has taken long. */
function slowDisk() {
  let milliseconds = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (milliseconds += 50));
  const waiting: PromiseWithResolvers<void>[] = [];
  return {
    waiting,
    files: {
      blocking: () => expect.unreachable("a slow disk must not hold up the event loop"),
      elsewhere: () => {
        const turn = Promise.withResolvers<void>();
        waiting.push(turn);
        return turn.promise;
      },
    },
  };
}

test("what comes during a sync waits for the next one, and shares it", async () => {
  const disk = slowDisk();
  await using log = new LogSync(path, disk.files);
  const done: string[] = [];
  const ask = (name: string) => log.sync().then(() => done.push(name));
  const all = [ask("first"), ask("second"), ask("third")];
  await nextTurn();
  expect(disk.waiting).toHaveLength(1);
  disk.waiting[0]?.resolve();
  await all[0];
  await nextTurn();
  expect(done).toEqual(["first"]);
  expect(disk.waiting).toHaveLength(2);
  all.push(ask("fourth"));
  disk.waiting[1]?.resolve();
  await Promise.all(all.slice(0, 3));
  expect(done).toEqual(["first", "second", "third"]);
  await nextTurn();
  expect(disk.waiting).toHaveLength(3);
  disk.waiting[2]?.resolve();
  await Promise.all(all);
});

test("a disk that refused once is not believed again", async () => {
  let calls = 0;
  await using log = new LogSync(path, {
    blocking: () => undefined,
    elsewhere: () => {
      calls += 1;
      return Promise.reject(new Error("EIO: i/o error"));
    },
  });
  await expect(Promise.all([log.sync(), log.sync()])).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("EIO: i/o error"),
  });
  await expect(log.sync()).rejects.toMatchObject({ code: "unavailable" });
  expect(calls).toBe(1);
});

test("disposing waits for what is under way", async () => {
  const disk = slowDisk();
  const log = new LogSync(path, disk.files);
  let kept = false;
  const first = log.sync().then(() => (kept = true));
  const disposed = log[Symbol.asyncDispose]();
  disk.waiting[0]?.resolve();
  await disposed;
  expect(kept).toBe(true);
  await first;
});

test("a quick disk is waited for at once, a slow one elsewhere", async () => {
  let blocked = 0;
  let handedOver = 0;
  let milliseconds = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (milliseconds += 0.2));
  await using log = new LogSync(path, {
    blocking: () => {
      blocked += 1;
      if (blocked > 5) milliseconds += 60;
    },
    elsewhere: () => {
      handedOver += 1;
      return Promise.resolve();
    },
  });
  for (let count = 0; count < 8; count++) await log.sync();
  expect([handedOver, blocked]).toEqual([2, 6]);
});
