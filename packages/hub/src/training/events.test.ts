import type { JobEvent, JobProgress, TrainingJob } from "@hearth/wire/hub/training";
import { trainingParameters } from "@hearth/wire/hub/training";
import { expect, test } from "vitest";
import { JobEvents } from "./events.ts";

function job(status: TrainingJob["status"]): TrainingJob {
  return {
    id: "j",
    kind: "train",
    model_id: "m",
    model: "m",
    dataset_id: "d",
    dataset: "d",
    version_id: "v",
    version: 1,
    run_id: "r",
    position: null,
    status,
    parameters: trainingParameters.parse({}),
    trainer: "onnx",
    trainer_reason: "",
    attempt: 1,
    max_retries: 2,
    priority: 0,
    pause_requested: false,
    guards: [],
    progress: null,
    adapter_sha256: null,
    identical: null,
    reproduction: null,
    error: null,
    created_at: new Date(0).toISOString(),
    started_at: null,
    finished_at: null,
  };
}

function progress(step: number): { type: "progress"; progress: JobProgress } {
  const none = {
    loss: null,
    first_loss: null,
    validation_loss: null,
    learning_rate: null,
    tokens_per_second: null,
    seconds_left: null,
  };
  return { type: "progress", progress: { phase: "training", step, steps: 10_000, ...none } };
}

test("what happens between listening and the first state is not lost", async () => {
  const events = new JobEvents();
  const followed = events.follow(
    "j",
    () => {
      events.publish("j", { type: "log", line: "between" });
      events.publish("j", { type: "status", job: job("completed") });
      return Promise.resolve(job("running"));
    },
    AbortSignal.timeout(10_000),
  );
  const seen: JobEvent[] = [];
  for await (const event of followed) seen.push(event);
  expect(seen.map((event) => (event.type === "status" ? event.job.status : event.type))).toEqual([
    "running",
    "log",
    "completed",
  ]);
});

test("a slow listener gets the newest progress only, and the oldest log lines are dropped beyond a bound", async () => {
  const events = new JobEvents();
  const stop = new AbortController();
  const followed = events.follow("j", () => Promise.resolve(job("running")), stop.signal);
  expect((await followed.next()).value).toMatchObject({ type: "status" });
  for (let step = 1; step <= 5_000; step++) events.publish("j", progress(step));
  expect((await followed.next()).value).toEqual(progress(5_000));
  for (let line = 1; line <= 3_000; line++) events.publish("j", { type: "log", line: String(line) });
  events.publish("j", { type: "status", job: job("failed") });
  const rest: JobEvent[] = [];
  for await (const event of followed) rest.push(event);
  expect(rest).toHaveLength(1_000);
  expect(rest.at(-2)).toEqual({ type: "log", line: "3000" });
  expect(rest.at(-1)).toMatchObject({ type: "status", job: { status: "failed" } });
});

test("an abort ends the wait, and nobody is kept", async () => {
  const events = new JobEvents();
  const stop = new AbortController();
  const followed = events.follow("j", () => Promise.resolve(job("running")), stop.signal);
  await followed.next();
  const ended = followed.next();
  stop.abort();
  expect(await ended).toEqual({ done: true, value: undefined });
  events.publish("j", { type: "log", line: "to nobody" });
  expect((await followed.next()).done).toBe(true);
});
