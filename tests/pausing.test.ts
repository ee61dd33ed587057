import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { HearthClient } from "@hearth/sdk";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeRandomModel } from "../bench/models/random-model.ts";
import { ChildHub } from "./child-hub.ts";
import { hearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

const request = {
  model_id: "tuned",
  dataset_id: "colours",
  lora_rank: 4,
  epochs: 150,
  batch_size: 4,
  checkpoint_every: 50,
  seed: 3,
};

async function prepare(client: HearthClient, home: string): Promise<void> {
  const path = join(home, "base.gguf");
  await makeRandomModel(path, { preset: "tiny", type: "F16", seed: 1 });
  await client.models.create({ name: "base", path });
  await client.models.create({ name: "tuned", base_model: "base" });
  await client.datasets.create({ name: "colours", path: await writeSmallDataset(home) });
}

async function untilStep(client: HearthClient, id: string, step: number): Promise<void> {
  for await (const event of client.jobs.events(id))
    if (event.type === "progress" && event.progress.phase === "training" && event.progress.step >= step)
      return;
  throw new Error(`the job ended before step ${step}`);
}

async function ended(client: HearthClient, id: string): Promise<TrainingJob> {
  for await (const event of client.jobs.events(id)) if (event.type === "log") continue;
  return client.jobs.get(id);
}

const trainers = async (home: string): Promise<number[]> =>
  (await readdir(join(home, "processes", "trainers")))
    .filter((name) => name.endsWith(".json"))
    .map((name) => Number.parseInt(name, 10));

test("a job that is paused and resumed, by the command line, ends with the same bytes as one that was left alone", async () => {
  await using hub = await TestHub.start();
  const { client, home } = hub;
  await prepare(client, home);
  const run = (...args: string[]) => hearth(["jobs", ...args, "--json", "--url", hub.url]);
  const expected = await ended(client, (await client.jobs.create(request)).id);
  expect(expected.status).toBe("completed");

  const { id } = await client.jobs.create({ ...request, priority: "high" });
  await untilStep(client, id, 20);
  expect(await run("pause", id)).toMatchObject({ code: 0, json: { id } });
  await vi.waitFor(async () => expect((await client.jobs.get(id)).status).toBe("paused"), {
    timeout: 60_000,
  });
  expect(await trainers(home)).toEqual([]);
  expect(await run("queue")).toMatchObject({
    code: 0,
    json: { paused_jobs: [{ id, priority: 10 }], running: [] },
  });
  expect((await hearth(["jobs", "queue", "--url", hub.url])).stdout).toMatch(
    new RegExp(`${id}\\s+tuned:2\\s+high\\s+paused`),
  );
  expect((await run("pause", id)).code).toBe(4);
  expect(await run("priority", id, "low")).toMatchObject({ code: 0, json: { priority: -10 } });
  expect((await run("priority", id, "urgent")).code).toBe(2);
  expect(await run("resume", id)).toMatchObject({ code: 0, json: { status: "queued" } });
  const job = await ended(client, id);
  expect(job).toMatchObject({ status: "completed", attempt: 1, adapter_sha256: expected.adapter_sha256 });
  const { items } = await client.runs.metric(job.run_id, "loss", { pageSize: 1000 });
  expect(items).toHaveLength(job.progress?.steps ?? 0);

  expect(await run("queue", "pause", "--let-finish")).toMatchObject({ code: 0, json: { paused: true } });
  const waiting = await client.jobs.create({ ...request, epochs: 1 });
  expect(await run("queue")).toMatchObject({ json: { paused: true, queued: [{ id: waiting.id }] } });
  expect(await run("queue", "resume")).toMatchObject({ code: 0, json: { paused: false } });
  expect((await ended(client, waiting.id)).status).toBe("completed");
}, 240_000);

test("a trainer that yields to answers makes the same bytes", async () => {
  await using hub = await TestHub.start({ env: { HEARTH_TRAINING_YIELD: "pause" } });
  const { client, home } = hub;
  await prepare(client, home);
  const expected = await ended(client, (await client.jobs.create(request)).id);
  const { id } = await client.jobs.create(request);
  await untilStep(client, id, 5);
  const answer = client.inference.run({ model_id: "base", prompt: "sky?", max_tokens: 400, temperature: 0 });
  await vi.waitFor(
    async () => expect((await client.jobs.queue()).pace).toEqual({ share: 0, reason: "serving" }),
    { timeout: 60_000, interval: 5 },
  );
  await answer;
  await vi.waitFor(async () => expect((await client.jobs.queue()).pace.share).toBe(1), { timeout: 60_000 });
  expect(await ended(client, id)).toMatchObject({
    status: "completed",
    adapter_sha256: expected.adapter_sha256,
  });
}, 240_000);

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-sleep-"));
});
afterEach(() => rm(home, { recursive: true, force: true, maxRetries: 10 }));

test.runIf(process.platform !== "win32")(
  "a laptop that slept: hub and trainer stand still for longer than a trainer may be silent, and the job goes on",
  async () => {
    await using hub = await ChildHub.start(home, { HEARTH_TRAINING_HEARTBEAT: "3s" });
    const { client } = hub;
    await prepare(client, home);
    const { id } = await client.jobs.create({ ...request, epochs: 200 });
    await untilStep(client, id, 5);
    const processes = [hub.pid, ...(await trainers(home))];
    expect(processes).toHaveLength(2);
    for (const pid of processes) process.kill(pid, "SIGSTOP");
    // Time itself is what this is about: there is no event to wait for while everything stands still.
    await delay(8_000);
    for (const pid of processes) process.kill(pid, "SIGCONT");
    const job = await ended(client, id);
    expect(job).toMatchObject({ status: "completed", attempt: 1 });
    expect(job.guards).toMatchObject([{ kind: "sleep", action: "continued" }]);
    expect(job.guards[0]?.message).toMatch(/stood still for \d+ s/);
  },
  240_000,
);
