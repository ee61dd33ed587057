import OpenAI from "openai";
import { openaiError } from "@hearth/wire/openai/error";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeSmallDataset } from "../small-dataset.ts";
import { TestHub } from "../test-hub.ts";

let hub: TestHub;
let openai: OpenAI;

beforeAll(async () => {
  hub = await TestHub.start();
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
  await hub.addTinyModel("base");
  await hub.addTinyModel("other", 2);
  const dataset = await hub.client.datasets.create({
    name: "colours",
    path: await writeSmallDataset(hub.home),
  });
  const model = await hub.client.models.create({
    name: "tuned",
    base_model: "base",
    task_type: "classification",
  });
  const job = await hub.client.jobs.create({
    model_id: model.id,
    dataset_id: dataset.id,
    lora_rank: 4,
    epochs: 1,
    batch_size: 4,
  });
  for await (const event of hub.client.jobs.events(job.id))
    if (event.type === "status" && event.job.error !== null) throw new Error(JSON.stringify(event.job.error));
});
afterAll(() => hub[Symbol.asyncDispose]());

const prompt = { prompt: "abc", max_tokens: 8, temperature: 0 };

async function complete(body: Record<string, unknown>) {
  const response = await hub.post("/v1/completions", { ...prompt, ...body });
  return {
    status: response.status,
    version: response.headers.get("x-hearth-version"),
    json: await response.json(),
  };
}

test("adapter beside the base in model is the adapter by its own name", async () => {
  const named = await openai.completions.create({ ...prompt, model: "tuned:1" });
  for (const adapter of ["tuned", "tuned:1"]) {
    const beside = await complete({ model: "base", adapter });
    expect(beside).toMatchObject({ status: 200, version: "tuned:1", json: { model: "tuned:1" } });
    expect(beside.json).toMatchObject({ choices: [{ text: named.choices[0]?.text }] });
  }
  expect(await complete({ model: "base", adapter: null })).toMatchObject({ version: "base:1" });
});

test.each([
  ["one made for another base", "other", "tuned:1"],
  ["what is no adapter", "base", "other"],
])("%s is refused", async (_, model, adapter) => {
  const { status, json } = await complete({ model, adapter });
  expect(status).toBe(400);
  expect(openaiError.parse(json).error.param).toBe("adapter");
});

test("an unknown one is not found", async () => {
  const { status } = await complete({ model: "base", adapter: "tuned:9" });
  expect(status).toBe(404);
});

test("chats, responses and embeddings take it too", async () => {
  const bodies: [string, Record<string, unknown>][] = [
    ["/v1/chat/completions", { messages: [{ role: "user", content: "x" }], max_tokens: 1 }],
    ["/v1/responses", { input: "x", max_output_tokens: 1, store: false }],
    ["/v1/embeddings", { input: "x" }],
  ];
  for (const [path, body] of bodies) {
    const response = await hub.post(path, { model: "base", adapter: "tuned", ...body });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-hearth-version")).toBe("tuned:1");
  }
});

test("keep_alive 0 unloads the model after the answer", async () => {
  await complete({ model: "base", keep_alive: "10m" });
  expect((await hub.client.health()).engines).toHaveLength(1);
  await complete({ model: "base", keep_alive: 0 });
  let loaded = 1;
  while (loaded > 0) loaded = (await hub.client.health()).engines.length;
});
