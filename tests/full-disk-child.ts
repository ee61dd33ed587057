/**
 * Runs inside a mount namespace with a small file system of its own, which it fills while a job trains.
 * Prints one JSON line of what happened.
 */
import { createHash } from "node:crypto";
import { open, readFile, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { HearthClient } from "@hearth/sdk";
import type { TrainingJob } from "@hearth/wire/hub/training";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

const [folder = ""] = process.argv.slice(2);

await using hub = await TestHub.start({
  env: { STORAGE_ACTIVE_PATH: join(folder, "active"), STORAGE_ARCHIVE_PATH: join(folder, "archive") },
});
const { client } = hub;
await hub.addTinyModel("base");
const dataset = await client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
await client.models.create({ name: "tuned", task_type: "chat" });

const first = await finish(client, (await start(1)).id);
if (first.status !== "completed") throw new Error(`the first job: ${JSON.stringify(first.error)}`);
const before = await adapterHash();

const job = await start(1000);
for await (const event of client.jobs.events(job.id)) {
  if (event.type === "progress" && event.progress.phase === "training") break;
}
const filler = join(folder, "filler");
await fill(filler);
const failed = await finish(client, job.id);
const after = await adapterHash();
await rm(filler);
const again = await finish(client, (await start(1)).id);

console.log(
  JSON.stringify({
    first: first.status,
    failed: failed.status,
    error: failed.error,
    before,
    after,
    health: (await client.health()).status,
    again: again.status,
  }),
);

function start(epochs: number): Promise<TrainingJob> {
  return client.jobs.create({
    model_id: "tuned",
    dataset_id: dataset.id,
    base_model: "base",
    recipe: "lora",
    lora_rank: 2,
    epochs,
    batch_size: 2,
    checkpoint_every: 1,
  });
}

async function finish(from: HearthClient, id: string): Promise<TrainingJob> {
  for await (const event of from.jobs.events(id)) {
    if (event.type === "status" && !["queued", "running"].includes(event.job.status)) return event.job;
  }
  throw new Error("the stream ended before the job");
}

async function adapterHash(): Promise<string> {
  const { artifact_path: path } = await client.models.version("tuned", 1);
  return createHash("sha256")
    .update(await readFile(path ?? ""))
    .digest("hex");
}

/** Writes until nothing is left. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "w");
  const block = Buffer.alloc(64 * 1024);
  for (;;) {
    const { bavail, bsize } = await statfs(folder);
    try {
      await file.write(block, 0, Math.min(block.length, Math.max(1, bavail * bsize)));
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOSPC") return;
      throw error;
    }
  }
}
