import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JobEvent } from "@hearth/wire/hub/training";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HeatReading } from "./pace.ts";
import { openRooms } from "./tests/rooms.ts";
import type { TestRooms } from "./tests/rooms.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-guards-"));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

/** The first event of the job that fulfils the condition. */
async function until(
  rooms: TestRooms,
  jobId: string,
  wanted: (event: JobEvent) => boolean,
): Promise<JobEvent> {
  for await (const event of rooms.training.jobs.follow(jobId, new AbortController().signal))
    if (wanted(event)) return event;
  throw new Error("the job ended before it");
}

test("what guards did is kept with the job once, in its log, in its run's tags, and told to who follows it", async () => {
  await using rooms = await openRooms(home);
  const created = await rooms.createJob("guarded");
  const followed = rooms.finish(created.id);
  await rooms.training.start();
  const { job, events } = await followed;
  expect(job.status).toBe("completed");
  expect(job.guards).toMatchObject([
    { kind: "loss_spike", action: "reported", step: 3, message: "the loss is 9" },
    { kind: "not_finite", action: "went_back", step: 3, message: "back to step 1" },
  ]);
  expect(events.filter((event) => event.type === "guard").map(({ guard }) => guard)).toEqual(job.guards);
  const lines = await rooms.training.jobs.log(job.id, 100);
  expect(lines.filter((line) => line.startsWith("guard "))).toEqual([
    "guard loss_spike (reported): the loss is 9",
    "guard not_finite (went_back): back to step 1",
  ]);
  const run = await rooms.rooms.runs.getRun(job.run_id);
  expect(run.tags).toMatchObject({
    "hearth.guard.loss_spike": "the loss is 9",
    "hearth.guard.loss_spike.steps": "3",
    "hearth.guard.not_finite": "back to step 1",
  });
  // Steps that were done again are measured again, beside the first time.
  const { items } = await rooms.rooms.runs.metricHistory(job.run_id, "loss", { page: 1, page_size: 50 });
  expect(items.map(({ step }) => step).toSorted((a, b) => a - b)).toEqual([1, 2, 2, 3, 3, 4]);
}, 60_000);

test("a running trainer is told to slow down while people wait for answers, and when they have them", async () => {
  await using rooms = await openRooms(home, { yield: "slow" });
  const job = await rooms.createJob("endless");
  await rooms.training.start();
  await until(rooms, job.id, (event) => event.type === "log" && event.line === "pace 1");
  const slowed = until(rooms, job.id, (event) => event.type === "log" && event.line === "pace 0.25");
  // Following begins with the job's state of now, and hears everything after it.
  await until(rooms, job.id, (event) => event.type === "progress");
  rooms.training.serving(1);
  await slowed;
  expect(await rooms.training.jobs.queue()).toMatchObject({ pace: { share: 0.25, reason: "serving" } });
  rooms.training.serving(0);
  await vi.waitFor(
    async () =>
      expect(
        (await rooms.training.jobs.log(job.id, 10_000)).filter((line) => line === "pace 1"),
      ).toHaveLength(2),
    { timeout: 20_000 },
  );
  await rooms.training.jobs.cancel(job.id);
  await rooms.finish(job.id);
}, 60_000);

/** Rooms whose jobs wait for the machine to be colder; what it tells may change meanwhile. */
const openWatching = (machine: HeatReading & { watts: number | null }) =>
  openRooms(home, {
    cooldownAboveCelsius: 95,
    heatPollMs: 20,
    readMachine: () => Promise.resolve({ ...machine }),
  });

async function waitingForCold(rooms: TestRooms) {
  const job = await rooms.createJob("endless");
  await rooms.training.start();
  await until(rooms, job.id, (event) => event.type === "guard" && event.guard.action === "waited");
  return job;
}

test("above the threshold the trainer waits, below it goes on, and both are told with the figures", async () => {
  const machine = { celsius: 97, throttled: false, watts: 210 };
  await using rooms = await openWatching(machine);
  const job = await waitingForCold(rooms);
  expect(rooms.training.holding).toBe(true);
  expect(await rooms.training.jobs.queue()).toMatchObject({
    pace: { share: 0, reason: "cooldown" },
    celsius: 97,
    watts: 210,
  });
  machine.celsius = 80;
  await vi.waitFor(() => expect(rooms.training.holding).toBe(false));
  await rooms.training.jobs.cancel(job.id);
  const { job: done } = await rooms.finish(job.id);
  expect(done.guards).toMatchObject([
    { kind: "cooldown", action: "waited", message: expect.stringContaining("97 °C, above 95 °C") },
    { kind: "cooldown", action: "continued", message: expect.stringContaining("at 80 °C") },
  ]);
  const lines = await rooms.training.jobs.log(job.id, 10_000);
  expect(lines.filter((line) => line.startsWith("pace "))).toEqual(
    expect.arrayContaining(["pace 0", "pace 1"]),
  );
}, 60_000);

test("a machine that tells no temperature and is slowed down for its heat is waited for, in words that are true", async () => {
  const machine = { celsius: null, throttled: true, watts: null };
  await using rooms = await openWatching(machine);
  const job = await waitingForCold(rooms);
  machine.throttled = false;
  await vi.waitFor(() => expect(rooms.training.holding).toBe(false));
  await rooms.training.jobs.cancel(job.id);
  const { job: done } = await rooms.finish(job.id);
  expect(done.guards.map(({ message }) => message)).toEqual([
    "the system slows the machine down for its heat: waits between steps for as long as it does",
    expect.stringMatching(/^goes on after \d+ s of cooling$/),
  ]);
}, 60_000);
