import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TrainingSample } from "@hearth/wire/hub/training";
import { expect, test } from "vitest";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

test("what a model says in its training comes as it is said, and is there after a restart", async () => {
  const home = await mkdtemp(join(tmpdir(), "hearth-samples-"));
  try {
    let jobId: string;
    let kept: TrainingSample[];
    {
      await using hub = await TestHub.start({ home });
      const { client } = hub;
      await hub.addTinyModel("base");
      await client.datasets.create({ name: "colours", path: await writeSmallDataset(home) });
      await client.models.create({ name: "tuned", task_type: "chat", base_model: "base" });
      const job = await client.jobs.create({
        model_id: "tuned",
        dataset_id: "colours",
        epochs: 10,
        batch_size: 4,
        sample_steps: 15,
        sample_prompts: ["apple?", "sky?"],
      });
      jobId = job.id;
      const told: TrainingSample[] = [];
      for await (const event of client.jobs.events(jobId))
        if (event.type === "sample") told.push(event.sample);
      expect(await client.jobs.get(jobId)).toMatchObject({
        status: "completed",
        parameters: { sample_steps: 15, sample_prompts: ["apple?", "sky?"] },
      });
      kept = await client.jobs.samples(jobId);
      // The first may have been said before anybody listened.
      expect(told.length).toBeGreaterThanOrEqual(4);
      expect(told).toEqual(kept.slice(-told.length));
      const run = await client.runs.get(job.run_id);
      expect(run.params).toMatchObject({ sample_steps: "15" });
      expect(run.params).not.toHaveProperty("sample_prompts");
    }
    expect(kept.map(({ step, prompt }) => [step, prompt])).toEqual(
      [0, 15, 30].flatMap((step) => [
        [step, "apple?"],
        [step, "sky?"],
      ]),
    );
    await using hub = await TestHub.start({ home });
    expect(await hub.client.jobs.samples(jobId)).toEqual(kept);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}, 60_000);
