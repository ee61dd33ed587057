import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskReservations } from "./disk-reservations.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-disk-"));
});
afterEach(() => rm(home, { recursive: true }));

const never = new AbortController().signal;

async function folderOf(name: string): Promise<string> {
  const folder = join(home, name);
  await mkdir(folder);
  return folder;
}

test("what was promised to one job is not there for the next, which waits until it is given back", async () => {
  const disk = new DiskReservations(() => Promise.resolve(1000));
  const [one, two] = [await folderOf("one"), await folderOf("two")];
  await disk.reserve("one", { bytes: 700, folder: one }, never);
  const { promise: waits, resolve } = Promise.withResolvers<string>();
  const second = disk.reserve("two", { bytes: 400, folder: two }, never, resolve);
  expect(await waits).toMatch(/needs 400 bytes; of 1000 free ones 700 are promised/);
  disk.release("one");
  await second;
  expect(await disk.outstandingBytes()).toBe(400);
});

test("of two that ask at the same moment only one is promised the room", async () => {
  const disk = new DiskReservations(() => Promise.resolve(1000));
  const stop = new AbortController();
  const first = disk.reserve("one", { bytes: 700, folder: await folderOf("one") }, never);
  const second = disk.reserve("two", { bytes: 700, folder: await folderOf("two") }, stop.signal);
  await first;
  stop.abort();
  await expect(second).rejects.toMatchObject({ name: "AbortError" });
  expect(await disk.outstandingBytes()).toBe(700);
});

test("what a job has written already is not promised twice, and counts when it goes on", async () => {
  const disk = new DiskReservations(() => Promise.resolve(500));
  const folder = await folderOf("one");
  await writeFile(join(folder, "checkpoint"), Buffer.alloc(300));
  await disk.reserve("one", { bytes: 700, folder }, never);
  expect(await disk.outstandingBytes()).toBe(400);
  await writeFile(join(folder, "adapter"), Buffer.alloc(900));
  expect(await disk.outstandingBytes()).toBe(0);
});

test("what is not there at all is refused with both numbers", async () => {
  const disk = new DiskReservations(() => Promise.resolve(500));
  await expect(
    disk.reserve("one", { bytes: 501, folder: await folderOf("one") }, never),
  ).rejects.toMatchObject({
    code: "resource_exhausted",
    details: { needed_bytes: 501, available_bytes: 500 },
  });
});
