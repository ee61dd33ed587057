import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HearthClient } from "@hearth/sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeRandomModel } from "../bench/models/random-model.ts";
import { ChildHub } from "./child-hub.ts";
import { writeSmallDataset } from "./small-dataset.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "hearth-recovery-"));
});
afterEach(() => rm(home, { recursive: true }));

async function startJob(client: HearthClient): Promise<string> {
  const path = join(home, "base.gguf");
  await makeRandomModel(path, { preset: "tiny", type: "F16", seed: 1 });
  await client.models.create({ name: "base", path });
  await client.models.create({ name: "tuned", base_model: "base" });
  await client.datasets.create({ name: "colours", path: await writeSmallDataset(home) });
  const job = await client.jobs.create({
    model_id: "tuned",
    dataset_id: "colours",
    epochs: 30,
    batch_size: 2,
    checkpoint_every: 5,
    seed: 1,
  });
  for await (const event of client.jobs.events(job.id))
    if (event.type === "progress" && event.progress.step >= 20) break;
  return job.id;
}

async function finish(client: HearthClient, id: string): Promise<string> {
  for await (const event of client.jobs.events(id)) if (event.type === "log") continue;
  return (await client.jobs.get(id)).status;
}

test("kill -9 of the hub: the job goes on from its checkpoint, to the same bytes as without", async () => {
  let id: string;
  {
    await using hub = await ChildHub.start(home);
    id = await startJob(hub.client);
    await hub.kill();
  }
  await using hub = await ChildHub.start(home);
  expect(await finish(hub.client, id)).toBe("completed");
  const job = await hub.client.jobs.get(id);
  expect(job.attempt).toBe(2);
  expect(await hub.client.models.resolve("tuned:1")).toMatchObject({
    status: "ready",
    sha256: job.adapter_sha256,
  });
  const steps = (await hub.client.runs.metric(job.run_id, "loss")).items.map((point) => point.step);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  expect(steps.at(-1)).toBe(180);
  const again = await hub.client.models.reproduce("tuned", 1);
  expect(await finish(hub.client, again.id)).toBe("completed");
  expect(await hub.client.jobs.get(again.id)).toMatchObject({ attempt: 1, identical: true });
}, 300_000);

test("an orderly stop puts a running job back into the queue", async () => {
  let id: string;
  {
    await using hub = await ChildHub.start(home);
    id = await startJob(hub.client);
  }
  await using hub = await ChildHub.start(home);
  expect(await finish(hub.client, id)).toBe("completed");
}, 300_000);
