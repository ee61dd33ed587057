import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { JobLog } from "./job-log.ts";
import { pruneLogs } from "./prune-logs.ts";
import { openRooms } from "./tests/rooms.ts";

test("logs of jobs that are gone go, then the oldest while all are too large", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearth-logs-"));
  try {
    const files = [
      "job-a.log",
      "trainer-a.log.1",
      "job-b.log",
      "job-c.log",
      "job-gone.log",
      "trainer-gone.log",
    ];
    for (const [index, name] of [...files, "hub.log", "engine-1.log"].entries()) {
      await writeFile(join(folder, name), "x".repeat(100));
      await utimes(join(folder, name), index, index);
    }
    await pruneLogs(folder, new Set(["a", "b", "c"]));
    const others = ["engine-1.log", "hub.log"];
    expect((await readdir(folder)).toSorted()).toEqual([...others, ...files.slice(0, 4)].toSorted());
    await pruneLogs(folder, new Set(["a", "b", "c"]), 250);
    expect((await readdir(folder)).toSorted()).toEqual([...others, "job-b.log", "job-c.log"].toSorted());
    await pruneLogs(join(folder, "none"), new Set());
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a job's log ends with its job: at the hub's start and after each job", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-logs-"));
  try {
    await using rooms = await openRooms(home);
    const logs = join(home, "logs");
    const log = new JobLog(logs);
    const stray = async (id: string) => {
      log.append(id, "said by a job that is gone");
      await log.tail(id, 1);
    };
    await stray("before");
    await rooms.training.start();
    await expect.poll(() => readdir(logs)).toEqual([]);
    await stray("meanwhile");
    const { job } = await rooms.finish((await rooms.createJob("steady")).id);
    await expect.poll(() => readdir(logs)).not.toContain("job-meanwhile.log");
    expect(await readdir(logs)).toContain(`job-${job.id}.log`);
    expect(await rooms.training.jobs.log(job.id, 10)).toContain("step 1");
  } finally {
    await rm(home, { recursive: true, force: true });
  }
});

test("one log is cut at its limit, its newest lines stay", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearth-logs-"));
  try {
    const log = new JobLog(folder, 1_000);
    for (let line = 0; line < 200; line++) log.append("one", `line ${line}`.padEnd(49, "."));
    const lines = await log.tail("one", 30);
    expect(lines).toHaveLength(30);
    expect(lines.at(-1)).toMatch(/^line 199\./);
    expect(lines[0]).toMatch(/^line 170\./);
    expect((await readdir(folder)).toSorted()).toEqual(["job-one.log", "job-one.log.1"]);
    expect((await log.tail("one", 1_000)).length).toBeLessThanOrEqual(40);
  } finally {
    await rm(folder, { recursive: true });
  }
});
