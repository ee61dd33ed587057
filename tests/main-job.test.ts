import { readFile } from "node:fs/promises";
import { createHash } from "node:crypto";
import type { JobEvent } from "@hearth/wire/hub/training";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;

beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel("base");
});
afterAll(() => hub[Symbol.asyncDispose]());

test("register, train, evaluate, promote, serve, follow back, reproduce", async () => {
  const { client } = hub;
  const dataset = await client.datasets.create({ name: "colours", path: await writeSmallDataset(hub.home) });
  expect(dataset).toMatchObject({ format: "chat", labels: ["blue", "green", "red"] });
  const model = await client.models.create({
    name: "tuned",
    base_model: "base",
    task_type: "classification",
  });

  const job = await client.jobs.create({
    model_id: model.id,
    dataset_id: dataset.id,
    lora_rank: 4,
    epochs: 4,
    batch_size: 4,
    learning_rate: 0.01,
    seed: 5,
  });
  expect(job).toMatchObject({
    status: "queued",
    kind: "train",
    version: 1,
    parameters: { lora_rank: 4, seed: 5 },
  });
  const events: JobEvent[] = [];
  for await (const event of client.jobs.events(job.id)) events.push(event);
  const last = events.at(-1);
  expect(last?.type === "status" ? (last.job.error ?? last.job.status) : last).toBe("completed");
  expect(events.some((event) => event.type === "progress" && event.progress.loss !== null)).toBe(true);

  const version = await client.models.resolve("tuned:1");
  expect(version).toMatchObject({
    status: "ready",
    kind: "adapter",
    lineage: { job_id: job.id, run_id: job.run_id, seed: 5, dataset: { sha256: dataset.checksum } },
  });
  const artifact = await readFile(version.artifact_path ?? "");
  expect(createHash("sha256").update(artifact).digest("hex")).toBe(version.sha256);

  const run = await client.runs.get(job.run_id);
  expect(run).toMatchObject({ kind: "training", status: "FINISHED", params: { lora_rank: "4" } });
  const losses = await client.runs.metric(job.run_id, "loss");
  expect(losses.items.map((point) => point.step)).toEqual(losses.items.map((_, index) => index + 1));
  expect(losses.items.at(-1)?.value).toBeLessThan(losses.items[0]?.value ?? 0);

  const progress: [number, number][] = [];
  const evaluation = await client.evaluations.run(
    { model: "tuned:1", dataset: "colours", concurrency: 2 },
    { onProgress: (done, total) => progress.push([done, total]) },
  );
  expect(evaluation).toMatchObject({ model: "tuned", version: 1, rows: 6, split: "test" });
  expect(progress.at(-1)).toEqual([6, 6]);
  expect(await client.evaluations.get(evaluation.id)).toEqual(evaluation);
  expect((await client.evaluations.list()).items[0]?.id).toBe(evaluation.id);

  const refused = await client.models.promote("tuned", { version: 1, require: ["accuracy>1"] });
  expect(refused).toMatchObject({ promoted: false, checks: [{ passed: false }] });
  const promoted = await client.models.promote("tuned", { version: 1, require: ["accuracy>=0"] });
  expect(promoted).toMatchObject({ promoted: true, alias: "champion", version: 1 });

  const openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused" });
  const { data, response } = await openai.chat.completions
    .create({
      model: "tuned@champion",
      messages: [{ role: "user", content: "sky?" }],
      max_tokens: 6,
      temperature: 0,
    })
    .withResponse();
  expect(data.model).toBe("tuned:1");
  const trace = await client.traces.get(response.headers.get("x-hearth-trace") ?? "");
  expect(trace).toMatchObject({
    version_id: version.id,
    artifact_sha256: version.sha256,
    run_id: job.run_id,
  });

  const metrics = await client.metrics();
  expect(metrics).toMatch(new RegExp(`hearth_training_loss\\{job="${job.id}",model="tuned"\\} [\\d.]+`));
  expect(metrics).toContain('hearth_training_jobs{status="completed"} 1');
  expect(metrics).toContain('hearth_evaluations_total{status="ok"} 1');
  expect(metrics).toMatch(/hearth_evaluation_accuracy\{model="tuned",version="1",dataset="colours"\} /);

  const again = await client.models.reproduce("tuned", 1);
  expect(again.kind).toBe("reproduce");
  for await (const event of client.jobs.events(again.id))
    if (event.type === "status" && event.job.status === "failed") throw new Error(event.job.error?.message);
  expect(await client.jobs.get(again.id)).toMatchObject({
    status: "completed",
    identical: true,
    adapter_sha256: version.sha256,
  });

  const history = await client.models.history("tuned");
  expect(history.items.map((event) => event.kind)).toEqual(
    expect.arrayContaining(["evaluated", "promotion_refused"]),
  );
});
