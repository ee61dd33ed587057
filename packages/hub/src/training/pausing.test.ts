import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { processIdentity } from "../process/identity.ts";
import { openRooms } from "./tests/rooms.ts";
import type { TestRooms } from "./tests/rooms.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-pausing-"));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

async function untilProgress(rooms: TestRooms, jobId: string): Promise<void> {
  for await (const event of rooms.training.jobs.follow(jobId, new AbortController().signal))
    if (event.type === "progress" && event.progress.phase === "training") return;
}

function untilStatus(rooms: TestRooms, jobId: string, status: string): Promise<void> {
  return vi.waitFor(async () => expect((await rooms.training.jobs.get(jobId)).status).toBe(status), {
    timeout: 30_000,
  });
}

async function trainerPids(): Promise<number[]> {
  return (await readdir(join(home, "run")).catch(() => [])).map((name) => Number.parseInt(name, 10));
}

test("a running job that is paused ends its trainer, keeps checkpoint, attempt and place, and goes on when resumed", async () => {
  await using rooms = await openRooms(home);
  const { jobs } = rooms.training;
  const job = await rooms.createJob("endless");
  const next = await rooms.createJob("endless-next");
  await rooms.training.start();
  await untilProgress(rooms, job.id);
  const [pid = 0] = await vi.waitFor(async () => {
    const pids = await trainerPids();
    expect(pids).toHaveLength(1);
    return pids;
  });
  expect(await jobs.pause(job.id)).toMatchObject({ status: "running", pause_requested: true });
  await untilStatus(rooms, job.id, "paused");
  expect(await processIdentity(pid)).toBeNull();
  expect(await readdir(join(home, "storage", "active", job.id))).toContain("checkpoint.json");
  expect(await jobs.get(job.id)).toMatchObject({ attempt: 0, pause_requested: false, finished_at: null });
  // The next one takes the free place in the meantime; the paused one is first again when it is resumed.
  await untilStatus(rooms, next.id, "running");
  expect(await jobs.counts()).toEqual({ queued: 0, running: 1 });
  expect(await jobs.resume(job.id)).toMatchObject({ status: "queued" });
  await expect(jobs.resume(job.id)).rejects.toMatchObject({ code: "conflict" });
  await jobs.cancel(next.id);
  const { job: done } = await rooms.finish(job.id);
  expect(done).toMatchObject({ status: "completed", attempt: 1 });
  const { lineage } = await rooms.rooms.registry.getVersion(job.version_id);
  expect(Number(lineage.environment["resumed_from"])).toBeGreaterThan(0);
}, 60_000);

test("a queued job that is paused is passed over; it can be cancelled, and its files go", async () => {
  await using rooms = await openRooms(home);
  const { jobs } = rooms.training;
  const first = await rooms.createJob("first");
  const second = await rooms.createJob("second");
  expect(await jobs.pause(first.id)).toMatchObject({ status: "paused" });
  await rooms.rooms.artifacts.jobFolder(first.id);
  await rooms.training.start();
  expect((await rooms.finish(second.id)).job.status).toBe("completed");
  expect(await jobs.get(first.id)).toMatchObject({ status: "paused", started_at: null });
  expect((await jobs.list({ page: 1, page_size: 9, status: "paused" })).total).toBe(1);
  expect((await jobs.list({ page: 1, page_size: 9, status: "queued" })).total).toBe(0);
  expect(await jobs.cancel(first.id)).toMatchObject({ status: "cancelled" });
  expect(await readdir(join(home, "storage", "active"))).not.toContain(first.id);
}, 60_000);

test("the whole queue is paused with what runs, stays so over a restart, and is resumed", async () => {
  let ids: string[];
  {
    await using rooms = await openRooms(home);
    const { jobs } = rooms.training;
    ids = [(await rooms.createJob("endless")).id, (await rooms.createJob("steady")).id];
    await rooms.training.start();
    await untilProgress(rooms, ids[0] ?? "");
    const queue = await jobs.pauseQueue("pause");
    expect(queue).toMatchObject({ paused: true });
    await untilStatus(rooms, ids[0] ?? "", "queued");
    await vi.waitFor(async () => expect(await trainerPids()).toEqual([]));
  }
  await using rooms = await openRooms(home, { pollMs: 10 });
  const { jobs } = rooms.training;
  await rooms.training.start();
  // A third one that comes meanwhile waits, too.
  ids.push((await rooms.createJob("late")).id);
  expect(await jobs.queue()).toMatchObject({
    paused: true,
    running: [],
    queued: ids.map((id) => ({ id, attempt: 0 })),
  });
  expect(await jobs.resumeQueue()).toMatchObject({ paused: false });
  for (const id of ids)
    expect((await rooms.finish(id)).job).toMatchObject({ status: "completed", attempt: 1 });
}, 60_000);

test("a queue that is paused with 'finish' lets the running job come to its end", async () => {
  await using rooms = await openRooms(home);
  const { jobs } = rooms.training;
  const running = await rooms.createJob("endless");
  const waiting = await rooms.createJob("steady");
  await rooms.training.start();
  await untilProgress(rooms, running.id);
  await jobs.pauseQueue("finish");
  expect(await jobs.queue()).toMatchObject({ running: [{ id: running.id }], queued: [{ id: waiting.id }] });
  await jobs.cancel(running.id);
  await untilStatus(rooms, running.id, "cancelled");
  expect((await jobs.get(waiting.id)).status).toBe("queued");
  await jobs.resumeQueue();
  expect((await rooms.finish(waiting.id)).job.status).toBe("completed");
}, 60_000);

test("what a person wants through another hub of the database is seen with the next heartbeat", async () => {
  await using rooms = await openRooms(home, { leaseMs: 200 });
  const job = await rooms.createJob("endless");
  await rooms.training.start();
  await untilProgress(rooms, job.id);
  await rooms.rooms.database.db.updateTable("jobs").set({ pause_requested: 1 }).execute();
  await untilStatus(rooms, job.id, "paused");
}, 60_000);

test("jobs of a higher priority run first; a job that is moved takes the priority of its new neighbour", async () => {
  await using rooms = await openRooms(home);
  const { jobs } = rooms.training;
  const low = await rooms.createJob("low", { priority: "low" });
  const [a, b] = [await rooms.createJob("a"), await rooms.createJob("b")];
  const high = await rooms.createJob("high", { priority: "high" });
  const order = async () => (await jobs.waiting()).map(({ model }) => model);
  expect(await order()).toEqual(["high", "a", "b", "low"]);
  expect((await jobs.waiting(2)).map(({ model }) => model)).toEqual(["high", "a"]);
  await jobs.move(b.id, a.id);
  expect(await order()).toEqual(["high", "b", "a", "low"]);
  expect(await jobs.move(a.id, high.id)).toMatchObject({ priority: 10 });
  expect(await order()).toEqual(["a", "high", "b", "low"]);
  expect(await jobs.move(high.id, null)).toMatchObject({ priority: -10 });
  expect(await order()).toEqual(["a", "b", "low", "high"]);
  expect(await jobs.prioritize(low.id, 50)).toMatchObject({ priority: 50 });
  expect(await order()).toEqual(["low", "a", "b", "high"]);
  await rooms.training.start();
  const ended = await Promise.all([low, a, b, high].map(async (job) => (await rooms.finish(job.id)).job));
  const starts = ended.map((job) => Date.parse(job.started_at ?? ""));
  expect(starts).toEqual(starts.toSorted((one, other) => one - other));
  await expect(jobs.prioritize(low.id, 1)).rejects.toMatchObject({ code: "conflict" });
}, 60_000);

test("as many jobs run at a time as are allowed, each with its part of the memory", async () => {
  const given = new Map<string, number>();
  await using rooms = await openRooms(
    home,
    { concurrency: 2, threads: 4 },
    {
      budgetBytes: () => 2e9,
      freeBytes: () => Promise.resolve(1e9),
      makeRoom: (wanted, jobId) => {
        given.set(jobId, wanted);
        return Promise.resolve(1e9);
      },
      release: (jobId) => void given.delete(jobId),
    },
  );
  const { jobs } = rooms.training;
  const [one, two, three] = [
    await rooms.createJob("endless"),
    await rooms.createJob("endless-2"),
    await rooms.createJob("endless-3"),
  ];
  await rooms.training.start();
  await Promise.all([one, two].map((job) => untilProgress(rooms, job.id)));
  expect(await jobs.counts()).toEqual({ queued: 1, running: 2 });
  expect([...given.keys()].toSorted()).toEqual([one.id, two.id].toSorted());
  await jobs.cancel(one.id);
  await untilProgress(rooms, three.id);
  expect(await jobs.queue()).toMatchObject({ concurrency: 2, queued: [] });
  await Promise.all([jobs.cancel(two.id), jobs.cancel(three.id)]);
  await vi.waitFor(() => expect([...given.keys()]).toEqual([]));
}, 60_000);

test("retries are as many as are set", async () => {
  await using rooms = await openRooms(home, { retries: 0 });
  const job = await rooms.createJob("crashes");
  await rooms.training.start();
  expect((await rooms.finish(job.id)).job).toMatchObject({ status: "failed", attempt: 1, max_retries: 0 });
}, 60_000);

test("folders that a killed hub left of jobs that had ended go at the next start; those of others stay", async () => {
  await using rooms = await openRooms(home);
  const ended = await rooms.createJob("ended");
  const paused = await rooms.createJob("paused");
  await rooms.training.jobs.cancel(ended.id);
  await rooms.training.jobs.pause(paused.id);
  const { artifacts } = rooms.rooms;
  await mkdir(join(await artifacts.jobFolder(ended.id), "archive"));
  await mkdir(join(home, "storage", "archive", ended.version_id));
  await artifacts.jobFolder(paused.id);
  await artifacts.jobFolder("00000000-0000-4000-8000-000000000000");
  await rooms.training.start();
  expect(await readdir(join(home, "storage", "active"))).toEqual([paused.id]);
  expect(await readdir(join(home, "storage", "archive"))).toEqual([]);
}, 60_000);
