import { fork } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobEvent } from "@hearth/wire/hub/training";
import type { JobEvent, TrainingJob } from "@hearth/wire/hub/training";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { processIdentity } from "../process/identity.ts";
import { openRooms } from "./tests/rooms.ts";
import type { TestRooms } from "./tests/rooms.ts";

/** Of `vi.waitFor`, which is impatient by itself. */
const patience = { timeout: 60_000 };

const never = new AbortController().signal;
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-training-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

async function pidOf(rooms: TestRooms, jobId: string): Promise<number> {
  const row = await rooms.rooms.database.db
    .selectFrom("jobs")
    .select("pid")
    .where("id", "=", jobId)
    .executeTakeFirstOrThrow();
  if (row.pid === null) throw new Error("no pid yet");
  return row.pid;
}

/** The pid of the running trainer, after its first progress. */
async function untilRunning(rooms: TestRooms, jobId: string): Promise<number> {
  for await (const event of rooms.training.jobs.follow(jobId, new AbortController().signal)) {
    if (event.type === "progress") break;
  }
  return vi.waitFor(() => pidOf(rooms, jobId), patience);
}

async function run(rooms: TestRooms, id: string) {
  return rooms.rooms.runs.getRun(id);
}

test("a job becomes a ready version with lineage, checksums, metrics and a finished run", async () => {
  await using rooms = await openRooms(home);
  const created = await rooms.createJob("steady");
  expect(created).toMatchObject({
    status: "queued",
    attempt: 0,
    version: 1,
    model: "steady",
    dataset: "mails",
    adapter_sha256: null,
  });
  expect(created.parameters).toMatchObject({
    learning_rate: 2e-3,
    lora_alpha: 16,
    sequence_length: 256,
    seed: 7,
  });
  const followed = rooms.finish(created.id);
  await rooms.training.start();
  const { job, events } = await followed;
  expect(job).toMatchObject({
    status: "completed",
    attempt: 1,
    error: null,
    progress: { phase: "archiving", step: 4 },
  });
  expect(events.map((event) => event.type)).toContain("log");
  expect(events.filter((event) => event.type === "status").map((event) => event.job.status)).toEqual([
    "queued",
    "running",
    "completed",
  ]);

  const version = await rooms.rooms.registry.getVersion(job.version_id);
  expect(version).toMatchObject({
    status: "ready",
    kind: "adapter",
    sha256: job.adapter_sha256,
    summary: { adapter: "lora", rank: 8 },
    metrics: { first_loss: 4, last_loss: 1 },
  });
  expect(version.artifact_path).toBe(join(home, "storage", "archive", version.id, "adapter.gguf"));
  expect(Object.keys(version.checksums).toSorted()).toEqual(["adapter.gguf", "adapter.safetensors"]);
  expect((await readdir(join(home, "storage", "archive", version.id))).toSorted()).toEqual([
    "adapter.gguf",
    "adapter.safetensors",
    "version.json",
  ]);
  expect(version.lineage).toMatchObject({
    job_id: job.id,
    run_id: job.run_id,
    dataset: { name: "mails" },
    base: { reference: "base:1" },
    recipe: { recipe: "lora", lora_rank: 8 },
    seed: 7,
    code: { commit: null, dirty: null },
    environment: { node: process.versions.node, trainer: "test", resumed_from: "0" },
  });
  expect(rooms.verified).toMatchObject([{ kind: "adapter", base: { path: join(home, "base.gguf") } }]);

  const finished = await run(rooms, job.run_id);
  expect(finished).toMatchObject({
    status: "FINISHED",
    params: { lora_rank: "8", learning_rate: "0.002", recipe: "lora" },
    metrics: { loss: 1 },
  });
  const history = await rooms.rooms.runs.metricHistory(job.run_id, "loss", { page: 1, page_size: 50 });
  expect(history.items.map((point) => [point.step, point.value])).toEqual([
    [1, 4],
    [2, 2],
    [3, 4 / 3],
    [4, 1],
  ]);
  await expect.poll(() => readdir(join(home, "storage", "active"))).toEqual([]);
  expect(await readdir(join(home, "run"))).toEqual([]);
});

test("a job whose run was deleted fails with the reason, and the next one begins", async () => {
  await using rooms = await openRooms(home);
  const orphaned = await rooms.createJob("orphaned");
  const next = await rooms.createJob("next");
  await rooms.rooms.runs.deleteRun(orphaned.run_id);
  await rooms.training.start();
  const { job } = await rooms.finish(orphaned.id);
  expect(job).toMatchObject({ status: "failed", error: { code: "invalid_request" } });
  expect(job.error?.message).toContain("Current state is deleted");
  expect(await run(rooms, orphaned.run_id)).toMatchObject({ status: "FAILED" });
  const { job: done } = await rooms.finish(next.id);
  expect(done.status).toBe("completed");
});

test("full weights trained from others are verified and described alone", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("whole", { recipe: "full" });
  await rooms.training.start();
  const { job: done } = await rooms.finish(job.id);
  expect(done).toMatchObject({ status: "completed", error: null });
  expect(rooms.verified).toMatchObject([{ kind: "full", base: null }]);
  expect(await rooms.rooms.registry.getVersion(job.version_id)).toMatchObject({
    kind: "full",
    summary: { architecture: "llama" },
    lineage: { base: { reference: "base:1" } },
  });
});

test("jobs run one at a time, oldest first", async () => {
  await using rooms = await openRooms(home);
  const jobs = [
    await rooms.createJob("first"),
    await rooms.createJob("second"),
    await rooms.createJob("third"),
  ];
  expect(await rooms.training.jobs.counts()).toEqual({ queued: 3, running: 0 });
  await rooms.training.start();
  const finished = await Promise.all(jobs.map(async (job) => (await rooms.finish(job.id)).job));
  const times = finished.map((job) => [Date.parse(job.started_at ?? ""), Date.parse(job.finished_at ?? "")]);
  for (const [index, [startedAt = 0]] of times.entries()) {
    if (index > 0) expect(startedAt).toBeGreaterThanOrEqual(times[index - 1]?.[1] ?? Infinity);
  }
  const page = await rooms.training.jobs.list({ page: 1, page_size: 2 });
  expect(page).toMatchObject({ total: 3, items: [{ model: "third" }, { model: "second" }] });
  expect((await rooms.training.jobs.list({ page: 1, page_size: 5, status: "queued" })).total).toBe(0);
});

test("a queued job is cancelled at once and never runs", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("steady");
  expect(await rooms.training.jobs.cancel(job.id)).toMatchObject({ status: "cancelled" });
  await expect(rooms.training.jobs.cancel(job.id)).rejects.toMatchObject({ code: "conflict" });
  expect(await rooms.rooms.registry.getVersion(job.version_id)).toMatchObject({
    status: "failed",
    error: { code: "cancelled" },
  });
  expect(await run(rooms, job.run_id)).toMatchObject({ status: "KILLED" });
  await rooms.training.start();
  expect((await rooms.finish(job.id)).job.attempt).toBe(0);
});

test.each(["endless", "endless-deaf"])("a running job (%s) is cancelled, its trainer gone", async (model) => {
  await using rooms = await openRooms(home, { cancelGraceMs: 200 });
  const job = await rooms.createJob(model);
  await rooms.training.start();
  const pid = await untilRunning(rooms, job.id);
  expect(await rooms.training.jobs.cancel(job.id)).toMatchObject({ status: "running" });
  expect((await rooms.finish(job.id)).job).toMatchObject({ status: "cancelled", error: null });
  expect(await processIdentity(pid)).toBeNull();
  expect(await rooms.rooms.registry.getVersion(job.version_id)).toMatchObject({ status: "failed" });
  await expect.poll(() => readdir(join(home, "storage", "active"))).toEqual([]);
});

test("a trainer that is killed is started again and resumes; no step is recorded twice", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("crashes-once");
  await rooms.training.start();
  const { job: done } = await rooms.finish(job.id);
  expect(done).toMatchObject({ status: "completed", attempt: 2, error: null });
  expect(
    (await rooms.rooms.registry.getVersion(job.version_id)).lineage.environment["resumed_from"],
  ).not.toBe("0");
  const history = await rooms.rooms.runs.metricHistory(job.run_id, "loss", { page: 1, page_size: 50 });
  const steps = history.items.map((point) => point.step);
  // What the killed process had not sent yet is missing; nothing is there twice, and the end is complete.
  expect(steps).toEqual([...new Set(steps)].toSorted((a, b) => a - b));
  expect(steps.at(-1)).toBe(4);
});

test("a trainer that crashes every time is given up after the retries, with its last words", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("crashes");
  await rooms.training.start();
  const { job: done } = await rooms.finish(job.id);
  expect(done).toMatchObject({ status: "failed", attempt: 3, error: { code: "training_failed" } });
  expect(done.error?.message).toContain("ended by SIGABRT");
  expect(done.error?.message).toContain("terminate called: out of tensors");
  expect(done.error?.message).toContain("attempt 3 of 3");
  expect(await run(rooms, job.run_id)).toMatchObject({ status: "FAILED" });
});

test.each([
  ["nan", "training_failed", /the loss became NaN at step 3 of 4/],
  ["garbage", "training_failed", /a message that is not understood/],
  ["empty", "training_failed", /without a result/],
  ["full-disk", "resource_exhausted", /no space left/],
  ["odd", "training_failed", /it rains/],
  ["hostile", "training_failed", /'\.\.\/adapter\.gguf', which is no plain file name/],
  [
    "differs",
    "training_failed",
    /does not answer in the engine as in the trainer: probe 0: expected 13, the engine gave 7/,
  ],
  ["mistaken", "training_failed", /a file of kind 'full' for the recipe 'lora'/],
  ["unprobed", "training_failed", /no probe has an expected token/],
])(
  "a job that cannot succeed (%s) fails at its first attempt, and the next one runs",
  async (model, code, message) => {
    await using rooms = await openRooms(home);
    const failing = await rooms.createJob(model);
    const next = await rooms.createJob("steady");
    await rooms.training.start();
    const { job } = await rooms.finish(failing.id);
    expect(job).toMatchObject({ status: "failed", attempt: 1, adapter_sha256: null, error: { code } });
    expect(job.error?.message).toMatch(message);
    expect(await rooms.rooms.registry.getVersion(job.version_id)).toMatchObject({
      status: "failed",
      artifact_path: null,
      error: { code },
    });
    expect((await rooms.finish(next.id)).job.status).toBe("completed");
    expect(await readdir(join(home, "storage", "archive"))).toEqual([next.version_id]);
    await expect.poll(() => readdir(join(home, "storage", "active"))).toEqual([]);
  },
);

test("a silent trainer is taken for lost", async () => {
  await using rooms = await openRooms(home, { heartbeatTimeoutMs: 200 });
  const job = await rooms.createJob("silent");
  await rooms.training.start();
  const { job: done } = await rooms.finish(job.id);
  expect(done).toMatchObject({ status: "failed", attempt: 3 });
  expect(done.error?.message).toContain("the trainer said nothing for");
}, 30_000);

test("a trainer that computes without a word is not", async () => {
  await using rooms = await openRooms(home, { heartbeatTimeoutMs: 400 });
  const job = await rooms.createJob("busy");
  await rooms.training.start();
  expect((await rooms.finish(job.id)).job).toMatchObject({ status: "completed", attempt: 1 });
}, 30_000);

test("a late listener first gets the present state; several listeners get the same end", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("endless");
  await rooms.training.start();
  await untilRunning(rooms, job.id);
  const late = [rooms.finish(job.id), rooms.finish(job.id)];
  await rooms.training.jobs.cancel(job.id);
  for (const { events } of await Promise.all(late)) {
    expect(events[0]).toMatchObject({ type: "status", job: { status: "running" } });
    expect(events.at(-1)).toMatchObject({ type: "status", job: { status: "cancelled" } });
  }
  const after = await rooms.finish(job.id);
  expect(after.events).toHaveLength(1);
  await expect(rooms.finish("no-such-job")).rejects.toMatchObject({ code: "not_found" });
});

test("a hub that stops gives its job back without counting the attempt; the next one resumes it", async () => {
  let id: string;
  let pid: number;
  {
    await using rooms = await openRooms(home);
    ({ id } = await rooms.createJob("endless"));
    await rooms.training.start();
    pid = await untilRunning(rooms, id);
  }
  expect(await processIdentity(pid)).toBeNull();
  await using rooms = await openRooms(home);
  expect(await rooms.training.jobs.get(id)).toMatchObject({ status: "queued", attempt: 0 });
  await rooms.training.start();
  expect((await rooms.finish(id)).job).toMatchObject({ status: "completed", attempt: 1 });
});

test("a hub that is killed leaves no trainer behind, and the next one resumes and completes the job", async () => {
  const first = fork(new URL("tests/mini-hub.ts", import.meta.url), [home, "endless"], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const running = await eventWhere(first, (event) => event.type === "progress");
  expect(running).toMatchObject({ progress: { phase: "training" } });
  const [record] = await vi.waitFor(async () => {
    const files = await readdir(join(home, "run"));
    expect(files).toHaveLength(1);
    return files;
  }, patience);
  const trainer = Number.parseInt(record ?? "", 10);
  first.kill("SIGKILL");
  await once(first, "exit");

  const second = fork(new URL("tests/mini-hub.ts", import.meta.url), [home], {
    execArgv: [],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const ended = once(second, "exit");
  const last = await eventWhere(
    second,
    (event) => event.type === "status" && event.job.status !== "queued" && event.job.status !== "running",
  );
  expect(last).toMatchObject({ type: "status", job: { status: "completed", attempt: 2, error: null } });
  expect(await ended).toEqual([0, null]);
  expect(await processIdentity(trainer)).toBeNull();

  await using rooms = await openRooms(home);
  const [job] = (await rooms.training.jobs.list({ page: 1, page_size: 1 })).items;
  const version = await rooms.rooms.registry.getVersion(job?.version_id ?? "");
  expect(Number(version.lineage.environment["resumed_from"])).toBeGreaterThan(0);
}, 60_000);

test("a hub that died between the archive and the database finishes the job without training again", async () => {
  let done: TrainingJob;
  {
    await using rooms = await openRooms(home);
    const { id } = await rooms.createJob("steady");
    await rooms.training.start();
    ({ job: done } = await rooms.finish(id));
    // The state on disk as it was one moment before the last transaction.
    const { db } = rooms.rooms.database;
    await db
      .updateTable("jobs")
      .set({ status: "running", result_sha256: null, finished_at: null })
      .where("id", "=", id)
      .execute();
    await db
      .updateTable("model_versions")
      .set({ status: "training", artifact_path: null, sha256: null })
      .where("id", "=", done.version_id)
      .execute();
  }
  await using rooms = await openRooms(home, { trainer: new URL("tests/nowhere.ts", import.meta.url) });
  await rooms.training.start();
  const { job } = await rooms.finish(done.id);
  expect(job).toMatchObject({ status: "completed", adapter_sha256: done.adapter_sha256 });
  expect(await rooms.rooms.registry.getVersion(job.version_id)).toMatchObject({
    status: "ready",
    sha256: done.adapter_sha256,
  });
});

test("reproduce repeats the stored specification and compares the bytes; the version stays as it is", async () => {
  await using rooms = await openRooms(home);
  const original = await rooms.createJob("steady");
  await rooms.training.start();
  await rooms.finish(original.id);
  const before = await rooms.rooms.registry.getVersion(original.version_id);
  const job = await rooms.training.jobs.reproduce("steady:1", never);
  expect(job).toMatchObject({ kind: "reproduce", version: 1, parameters: { seed: 7 } });
  const { job: done } = await rooms.finish(job.id);
  expect(done).toMatchObject({ status: "completed", identical: true, adapter_sha256: before.sha256 });
  expect(await rooms.rooms.registry.getVersion(original.version_id)).toEqual(before);
  expect((await rooms.rooms.registry.versions("steady", { page: 1, page_size: 10 })).total).toBe(1);
  await access(before.artifact_path ?? "");
  await expect.poll(() => readdir(join(home, "storage", "active"))).toEqual([]);
});

test("reproduce tells when the bytes differ, and refuses when an input changed", async () => {
  await using rooms = await openRooms(home);
  const original = await rooms.createJob("drifts");
  await rooms.training.start();
  await rooms.finish(original.id);
  const again = await rooms.training.jobs.reproduce("drifts:1", never);
  // This file is no GGUF: the difference is told by its bytes, and nothing recorded explains it.
  expect((await rooms.finish(again.id)).job).toMatchObject({
    status: "completed",
    identical: false,
    reproduction: {
      files: [{ file: "adapter.gguf" }, { file: "adapter.safetensors" }],
      first_difference: { file: "adapter.gguf", kind: "bytes", offset: expect.any(Number) },
      metrics: [{ metric: "loss", steps: 4, first: null }],
      causes: [{ kind: "unknown", what: expect.stringContaining("reproduce it once more") }],
    },
  });
  // Queued while its input is as it was, and changed before it runs.
  const before = await rooms.createJob("endless");
  const third = await rooms.training.jobs.reproduce("drifts:1", never);
  // Beyond the check of its own input.
  await untilRunning(rooms, before.id);
  await writeFile(join(home, "base.gguf"), "other weights");
  await rooms.training.jobs.cancel(before.id);
  const { job } = await rooms.finish(third.id);
  expect(job).toMatchObject({ status: "failed", identical: null, reproduction: null });
  expect(job.error?.message).toContain("base.gguf is not what the version was made from");
  const { total } = await rooms.training.jobs.list({ page: 1, page_size: 1 });
  await expect(rooms.training.jobs.reproduce("drifts:1", never)).rejects.toMatchObject({
    code: "conflict",
    details: { path: join(home, "base.gguf"), found: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  await rm(join(home, "base.gguf"));
  await expect(rooms.training.jobs.reproduce("drifts:1", never)).rejects.toMatchObject({
    details: { found: null },
  });
  expect((await rooms.training.jobs.list({ page: 1, page_size: 1 })).total).toBe(total);
  expect(await rooms.rooms.registry.getVersion(original.version_id)).toMatchObject({ status: "ready" });
  await expect(rooms.training.jobs.reproduce("base:1", never)).rejects.toMatchObject({
    code: "invalid_request",
  });
});

test("a job whose base or rows are not those that were registered trains no version", async () => {
  await using rooms = await openRooms(home);
  const jobs = [await rooms.createJob("steady"), await rooms.createJob("missing")];
  await writeFile(join(home, "base.gguf"), "other weights");
  await rooms.training.start();
  const { job } = await rooms.finish(jobs[0]?.id ?? "");
  expect(job).toMatchObject({ status: "failed", attempt: 1, progress: null, error: { code: "conflict" } });
  expect(job.error?.message).toMatch(/base\.gguf is not what was registered \(its sha256 is [0-9a-f]{64}/);
  expect(await rooms.rooms.registry.getVersion(job.version_id)).toMatchObject({
    status: "failed",
    artifact_path: null,
  });
  await rm(join(home, "base.gguf"));
  const { job: other } = await rooms.finish(jobs[1]?.id ?? "");
  expect(other.error?.message).toContain("base.gguf is not what was registered");
});

test("a job waits while others use the memory, and can be cancelled meanwhile", async () => {
  let available = 0;
  await using rooms = await openRooms(
    home,
    {},
    {
      budgetBytes: () => 1e9,
      freeBytes: () => Promise.resolve(available),
      makeRoom: () => Promise.resolve(available),
      release: () => undefined,
    },
  );
  const job = await rooms.createJob("steady");
  const other = await rooms.createJob("cancelled-while-waiting");
  await rooms.training.start();
  for await (const event of rooms.training.jobs.follow(job.id, new AbortController().signal)) {
    if (event.type === "log" && event.line.startsWith("waits for memory: needs about")) break;
  }
  available = 1e9;
  expect((await rooms.finish(job.id)).job.status).toBe("completed");
  available = 0;
  await rooms.training.jobs.cancel(other.id);
  expect((await rooms.finish(other.id)).job.status).toBe("cancelled");
}, 20_000);

test("a job that needs more disk than is free is refused with both numbers, and nothing else is touched", async () => {
  await using rooms = await openRooms(home);
  const kept = await rooms.createJob("steady");
  const job = await rooms.createJob("large");
  const { db } = rooms.rooms.database;
  const { specification } = await db
    .selectFrom("jobs")
    .select("specification")
    .where("id", "=", job.id)
    .executeTakeFirstOrThrow();
  const enlarged = specification.replace(/"diskBytes":\d+/, '"diskBytes":8000000000000000');
  await db.updateTable("jobs").set({ specification: enlarged }).where("id", "=", job.id).execute();
  await rooms.training.start();
  const { job: done } = await rooms.finish(job.id);
  expect(done).toMatchObject({ status: "failed", attempt: 1, error: { code: "resource_exhausted" } });
  expect(done.error?.message).toMatch(/may need 8000000000000000 bytes on the disk of .* and \d+ are free/);
  expect(done.guards).toMatchObject([{ kind: "disk", action: "refused", step: null }]);
  expect((await run(rooms, job.run_id)).tags["hearth.guard.disk"]).toContain("8000000000000000 bytes");
  expect(await rooms.rooms.registry.getVersion(kept.version_id)).toMatchObject({ status: "ready" });
});

test("the log of the trainer is kept with the hub's logs", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("crashes");
  await rooms.training.start();
  await rooms.finish(job.id);
  expect(await readFile(join(home, "logs", `trainer-${job.id}.log`), "utf8")).toContain("out of tensors");
});

async function eventWhere(
  hub: ReturnType<typeof fork>,
  wanted: (event: JobEvent) => boolean,
): Promise<JobEvent> {
  for await (const [message] of on(hub)) {
    const event = jobEvent.parse(message);
    if (wanted(event)) return event;
  }
  throw new Error("the hub ended");
}

async function* on(hub: ReturnType<typeof fork>): AsyncGenerator<[unknown]> {
  const waiting: unknown[] = [];
  let wake = (): void => undefined;
  hub.on("message", (message) => {
    waiting.push(message);
    wake();
  });
  for (;;) {
    if (waiting.length > 0) yield [waiting.shift()];
    else await new Promise<void>((resolve) => (wake = resolve));
  }
}
