import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CreateJobRequest } from "@hearth/wire/hub/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { makeRandomModel, presets } from "../bench/models/random-model.ts";
import { readLoraGguf } from "../packages/hub/src/model-files/gguf/lora-adapter.ts";
import { alterModel } from "../packages/hub/src/model-files/testing/altered-model.ts";
import { hearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { TestHub } from "./test-hub.ts";

const completion = z.object({
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]),
});

let hub: TestHub;
let dataset: string;
beforeAll(async () => {
  hub = await TestHub.start();
  dataset = await writeSmallDataset(hub.home);
  const qwen3 = { architecture: "qwen3", rotation: "halves", queryKeyNorms: true } as const;
  const path = join(hub.home, "qwen3.gguf");
  // Heads that together are wider than the model, as in Qwen 3's small sizes.
  const shape = { ...presets.tiny, headDim: 32, traits: qwen3 };
  await makeRandomModel(path, { preset: shape, type: "Q8_0", seed: 3 });
  await hub.client.models.create({ name: "quill", task_type: "chat", path });
});
afterAll(() => hub[Symbol.asyncDispose]());

test("a Qwen 3 base is trained from the command line, checked, and answers with its adapter", async () => {
  const settings = {
    url: hub.url,
    model: "tuned",
    dataset,
    base: "quill",
    epochs: "40",
    "batch-size": "4",
    "learning-rate": "0.01",
  };
  const named = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const trained = await hearth(["train", ...named, "--json"]);
  expect(trained.stderr).not.toContain("error:");
  expect(trained.code).toBe(0);
  const version = await hub.client.models.resolve("tuned:1");
  expect(version).toMatchObject({ status: "ready", kind: "adapter" });
  const adapter = await readLoraGguf(version.artifact_path ?? "");
  expect(adapter.architecture).toBe("qwen3");
  const shapes = new Map(adapter.tensors.map(({ name, out, in: inputs }) => [name, [out, inputs]]));
  expect(shapes.get("blk.0.attn_q.weight")).toEqual([128, 64]);

  const answers = await Promise.all(
    ["quill", "tuned:1"].map(async (model) => {
      const messages = [{ role: "user", content: "sky?" }];
      const body = { model, messages, max_tokens: 8, temperature: 0 };
      const response = await hub.post("/v1/chat/completions", body);
      expect(response.status).toBe(200);
      return completion.parse(await response.json()).choices[0].message.content;
    }),
  );
  expect(answers[1]).toContain("blue");
  expect(answers[0]).not.toBe(answers[1]);
}, 120_000);

test("layers can be chosen, and a full run keeps the architecture", async () => {
  const { client } = hub;
  await client.models.create({ name: "other", task_type: "chat", base_model: "quill" });
  const jobs: Partial<CreateJobRequest>[] = [
    { recipe: "lora", lora_targets: ["attn_q", "attn_v"] },
    { recipe: "full" },
  ];
  for (const [index, chosen] of jobs.entries()) {
    const job = await client.jobs.create({
      model_id: "other",
      dataset_id: "colours",
      batch_size: 4,
      epochs: 20,
      learning_rate: 0.005,
      ...chosen,
    });
    for await (const event of client.jobs.events(job.id))
      if (event.type === "status" && event.job.status === "failed") throw new Error(event.job.error?.message);
    const version = await client.models.resolve(`other:${index + 1}`);
    if (version.kind === "full") expect(version.summary).toMatchObject({ architecture: "qwen3", heads: 4 });
    else {
      const { tensors } = await readLoraGguf(version.artifact_path ?? "");
      expect(new Set(tensors.map(({ name }) => name.split(".")[2]))).toEqual(new Set(["attn_q", "attn_v"]));
    }
    expect((await readFile(version.artifact_path ?? "")).includes("qwen3")).toBe(true);
  }
}, 120_000);

test("what cannot be trained is said when the model comes, and refused before a job is queued", async () => {
  const { client, home } = hub;
  const path = join(home, "stretched.gguf");
  await alterModel(join(home, "qwen3.gguf"), path, {
    metadata: {
      "qwen3.rope.scaling.type": ["string", "longrope"],
      "qwen3.rope.scaling.factor": ["f32", 2],
    },
  });
  await client.models.create({ name: "stretched", task_type: "chat", path });
  const version = await client.models.resolve("stretched:1");
  expect(version.summary?.["untrainable"]).toMatch(/does not know for qwen3 \(RoPE scaling "longrope"/);
  const bases = await client.jobs.bases();
  expect(bases).toContain("quill:1");
  expect(bases).not.toContain("stretched:1");
  const refused = client.jobs.create({
    model_id: "other",
    dataset_id: "colours",
    base_model: "stretched",
  });
  await expect(refused).rejects.toMatchObject({
    code: "invalid_request",
    message: expect.stringMatching(/^base_model: no trainer can .*longrope/),
  });
});
