import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingSample } from "@hearth/wire/hub/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProgressRecorder } from "./progress-recorder.ts";
import { JobQueue } from "./queue.ts";
import { TrainingSamples } from "./samples.ts";
import { openRooms } from "./tests/rooms.ts";
import { noProgress } from "./trainers/trainer.ts";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-recorder-"));
});
afterAll(() => rm(home, { recursive: true }));

test("what comes while something is written is written too, also when nothing comes after it", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("recorded");
  const queue = new JobQueue(rooms.rooms.database);
  await queue.lease();
  const recorder = new ProgressRecorder({
    database: rooms.rooms.database,
    queue,
    runs: rooms.rooms.runs,
    samples: new TrainingSamples(rooms.rooms.database),
    onSample: () => undefined,
    jobId: job.id,
    runId: job.run_id,
    intervalMs: 10_000,
  });
  for (const step of [1, 2, 3]) {
    recorder.record({ ...noProgress, step }, [{ key: "loss", value: 1 / step, step, timestamp: step }]);
  }
  await recorder.flush();
  const { items } = await rooms.rooms.runs.metricHistory(job.run_id, "loss", { page: 1, page_size: 10 });
  expect(items.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect((await queue.get(job.id)).progress).toMatchObject({ step: 3 });
});

test("a sample is told once it is stored, and one that comes again is neither stored nor told", async () => {
  await using rooms = await openRooms(home);
  const job = await rooms.createJob("sampled");
  const queue = new JobQueue(rooms.rooms.database);
  await queue.lease();
  const samples = new TrainingSamples(rooms.rooms.database);
  const told: [step: number, index: number][] = [];
  const record = async (given: readonly TrainingSample[]) => {
    await using recorder = new ProgressRecorder({
      database: rooms.rooms.database,
      queue,
      runs: rooms.rooms.runs,
      samples,
      onSample: ({ step, index }) => told.push([step, index]),
      jobId: job.id,
      runId: job.run_id,
      intervalMs: 10_000,
    });
    for (const sample of given) recorder.recordSample(sample);
  };
  const sample = (step: number, index: number, answer: string): TrainingSample => ({
    step,
    index,
    prompt: "colour?",
    expected: index === 0 ? "red" : null,
    answer,
    complete: step > 0,
    seconds: 0.5,
  });
  const first = [sample(0, 0, "\0zzz"), sample(0, 1, "q"), sample(10, 0, "red")];
  await record(first);
  await record([sample(10, 0, "again"), sample(10, 1, "blue")]);
  expect(told).toEqual([
    [0, 0],
    [0, 1],
    [10, 0],
    [10, 1],
  ]);
  expect(await samples.list(job.id)).toEqual([
    { ...first[0], answer: "\uFFFDzzz" },
    first[1],
    first[2],
    sample(10, 1, "blue"),
  ]);
  expect(await rooms.training.jobs.samples(job.id)).toHaveLength(4);
  await expect(rooms.training.jobs.samples("none")).rejects.toMatchObject({ code: "not_found" });
});
