import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findHub, HomeInUseError, lockHome } from "./home-lock.ts";
import { processIdentity } from "./identity.ts";
import { killOrphans, recordProcess } from "./orphans.ts";
import { parsePs } from "./readings.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-home-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

test("a home has one hub; the second one is told where the first is", async () => {
  {
    await using lock = await lockHome(home);
    await expect(lockHome(home)).rejects.toThrow(/already works on/);
    await lock.announce("http://127.0.0.1:4747");
    expect(await findHub(home)).toMatchObject({ pid: process.pid, url: "http://127.0.0.1:4747" });
    const refused = await lockHome(home).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(HomeInUseError);
    expect(refused).toMatchObject({
      code: "conflict",
      details: { pid: process.pid, url: "http://127.0.0.1:4747" },
    });
  }
  expect(await readdir(home)).toEqual([]);
  await using _again = await lockHome(home);
});

test.each([
  [
    "of a pid that now belongs to another process",
    (pid: number) => JSON.stringify({ pid, identity: "another boot:1", token: "t" }),
  ],
  ["of a pid that is free", () => JSON.stringify({ pid: 2 ** 30, identity: "x:1", token: "t" })],
  ["that is no JSON", () => "{"],
  ["that is empty", () => ""],
])("a stale lock %s is replaced", async (_name, content) => {
  await writeFile(join(home, "hub.lock"), content(process.pid));
  await writeFile(
    join(home, "hub.json"),
    JSON.stringify({ pid: process.pid, url: "http://127.0.0.1:1", startedAt: new Date().toISOString() }),
  );
  expect(await findHub(home)).toBeNull();
  await using _lock = await lockHome(home);
  expect(JSON.parse(await readFile(join(home, "hub.lock"), "utf8"))).toMatchObject({
    pid: process.pid,
    identity: await processIdentity(process.pid),
  });
});

test("of several that find a stale lock together, one wins", async () => {
  await writeFile(join(home, "hub.lock"), JSON.stringify({ pid: 2 ** 30, identity: "x:1", token: "t" }));
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockHome(home)));
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
});

test("only a process that is still the recorded one is killed", async () => {
  const ours = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  const stranger = spawn("sleep", ["600"], { detached: true, stdio: "ignore" });
  const ended = once(ours, "exit");
  const run = join(home, "run");
  await recordProcess(run, "trainer", ours.pid ?? 0);
  await writeFile(
    join(run, `${stranger.pid}.json`),
    JSON.stringify({ name: "trainer", pid: stranger.pid, identity: "earlier:1" }),
  );
  await writeFile(join(run, "77.json"), "half a rec");
  const killed = await killOrphans(run);
  expect(killed.map((record) => record.pid)).toEqual([ours.pid]);
  expect(await ended).toEqual([null, "SIGKILL"]);
  expect(await processIdentity(stranger.pid ?? 0)).not.toBeNull();
  expect(await readdir(run)).toEqual([]);
  expect(await killOrphans(run)).toEqual([]);
  const strangerEnded = once(stranger, "exit");
  stranger.kill("SIGKILL");
  await strangerEnded;
});

test("ps prints memory and time in several forms", () => {
  expect(parsePs("  2048   0:01.50\n")).toEqual({
    residentBytes: 2_097_152,
    privateBytes: 2_097_152,
    peakResidentBytes: null,
    cpuSeconds: 1.5,
  });
  expect(parsePs("1 02-03:04:05")?.cpuSeconds).toBe(2 * 86_400 + 3 * 3_600 + 4 * 60 + 5);
  expect(parsePs("")).toBeNull();
});
