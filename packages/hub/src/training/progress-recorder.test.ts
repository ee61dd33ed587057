import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ProgressRecorder } from "./progress-recorder.ts";
import { JobQueue } from "./queue.ts";
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
