import { readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentsFolder } from "../packages/hub/src/inference/engines/mlx/environment/environment.ts";
import { writeMlxModel } from "../packages/hub/src/inference/tests/mlx-models.ts";
import { writeGgufTwin } from "../packages/hub/src/inference/tests/gguf-twin.ts";
import { mlxPeer, mlxPeerHome } from "../packages/hub/src/inference/tests/mlx-peer.ts";
import { tinyShape } from "../packages/hub/src/inference/tests/model-fixtures.ts";
import { processIdentity } from "../packages/hub/src/process/identity.ts";
import { hearth } from "./command-line.ts";
import { writeSmallDataset } from "./small-dataset.ts";
import { enginePid, TestHub } from "./test-hub.ts";

const peer = mlxPeer();

test("a model in MLX's format without mlx-lm: 501 that says how to install it", async () => {
  await using hub = await TestHub.start();
  await writeMlxModel(join(hub.home, "small"), tinyShape, 1);
  await hub.client.models.create({ name: "small", task_type: "chat", path: join(hub.home, "small") });
  const body = { model: "small", messages: [{ role: "user", content: "hello" }] };
  const answer = await hub.post("/v1/chat/completions", body);
  expect(answer.status).toBe(501);
  expect(await answer.json()).toMatchObject({
    error: { code: "platform_unsupported", message: expect.stringContaining("hearth mlx install") },
  });
  // Nor is it trained on, which is said before a job is made.
  const dataset = await writeSmallDataset(hub.home);
  const asked = ["train", "--model", "tuned", "--dataset", dataset, "--base", "small"];
  const trained = await hearth([...asked, "--json", "--url", hub.url]);
  expect(trained).toMatchObject({ code: 2, stderr: expect.stringContaining("hearth mlx install") });
  expect((await hub.client.jobs.list()).total).toBe(0);
  expect(await hub.client.jobs.trainers()).toMatchObject([
    { name: "onnx", available: true },
    { name: "mlx", available: false, found: expect.stringContaining("hearth mlx install") },
  ]);
});

describe.skipIf(peer === null)("models in MLX's format", () => {
  let hub: TestHub;
  let openai: OpenAI;

  beforeAll(async () => {
    hub = await TestHub.start();
    await symlink(environmentsFolder(mlxPeerHome), environmentsFolder(hub.home));
    await writeMlxModel(join(hub.home, "small"), tinyShape, 1);
    await hub.addTinyModel("gguf");
    openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "none" });
  });
  afterAll(() => hub[Symbol.asyncDispose]());

  test("are registered from their folder by the command line", async () => {
    const folder = ["--path", join(hub.home, "small")];
    const added = await hearth(["models", "add", "small", ...folder, "--json", "--url", hub.url]);
    expect(added).toMatchObject({ code: 0, json: { name: "small", latest_version: 1 } });
    expect(await hub.client.models.resolve("small")).toMatchObject({ summary: { format: "mlx", layers: 2 } });
  });

  test("answer an unmodified OpenAI client, whole and streamed, beside a GGUF model", async () => {
    const ask = (model: string) => ({
      model,
      messages: [{ role: "user" as const, content: "hello <|im_end|>" }],
      max_tokens: 8,
      temperature: 0,
    });
    const whole = await openai.chat.completions.create(ask("small"));
    expect(whole).toMatchObject({ usage: { completion_tokens: expect.any(Number) } });
    expect(whole.usage?.prompt_tokens).toBeGreaterThan(10);
    let text = "";
    const stream = await openai.chat.completions.create({ ...ask("small"), stream: true });
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe(whole.choices[0]?.message.content);
    expect((await openai.chat.completions.create(ask("gguf"))).choices).toHaveLength(1);
  });

  test("are trained by mlx-lm, and what was learnt is answered at once", async () => {
    const dataset = await writeSmallDataset(hub.home);
    const asked = ["train", "--model", "tuned", "--dataset", dataset, "--base", "small", "--seed", "3"];
    const recipe = [
      "--epochs",
      "30",
      "--batch-size",
      "4",
      "--learning-rate",
      "0.02",
      "--sequence-length",
      "64",
    ];
    const trained = await hearth([...asked, ...recipe, "--json", "--url", hub.url]);
    expect(trained).toMatchObject({
      code: 0,
      json: {
        job: { trainer: "mlx", trainer_reason: expect.stringContaining("mlx-lm"), status: "completed" },
        version: { kind: "adapter", status: "ready", metrics: { steps: 90 } },
      },
    });
    const version = await hub.client.models.resolve("tuned");
    expect(version.lineage).toMatchObject({
      base: { reference: "small:1" },
      recipe: { trainer: "mlx" },
      environment: {
        trainer: "mlx",
        "mlx-lm": peer?.version,
        trainer_reason: expect.stringContaining("small:1"),
      },
    });
    expect(Object.keys(version.checksums ?? {}).toSorted()).toContain("adapters.safetensors");
    const ask = async (model: string): Promise<string | null | undefined> => {
      const messages = [{ role: "user" as const, content: "leaf?" }];
      const { choices } = await openai.chat.completions.create({
        model,
        messages,
        max_tokens: 8,
        temperature: 0,
      });
      return choices[0]?.message.content;
    };
    expect(await ask("tuned")).toBe("green");
    expect(await ask("small")).not.toBe("green");
    const log = await hub.client.jobs.log((await hub.client.jobs.list()).items[0]?.id ?? "");
    expect(log.join("\n")).toMatch(/^Trainer mlx: the only one that can do the recipe 'lora' on small:1/);
    expect(await readdir(join(hub.home, "storage", "active"))).toEqual([]);
  }, 300_000);

  test("a training of theirs is repeated by the same trainer, to the same bytes", async () => {
    const again = await hearth(["reproduce", "tuned:1", "--json", "--url", hub.url]);
    expect(again).toMatchObject({ code: 0, json: { job: { trainer: "mlx", identical: true } } });
  }, 300_000);

  test("what was learnt is answered by the llama engine too, on the same base in GGUF", async () => {
    const [file, path] = [join(hub.home, "twin.gguf"), join(hub.home, "small")];
    await writeGgufTwin(path, file, tinyShape);
    await hub.client.models.create({ name: "twin", task_type: "chat", path: file });
    const at = ["--json", "--url", hub.url];
    // Another model answers otherwise, which is how it is known.
    const other = await hearth(["models", "export", "tuned:1", "--base", "gguf", ...at]);
    expect(other).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/base: .*it is not the same model/),
    });
    expect((await hub.client.models.versions("tuned")).total).toBe(1);
    const made = await hearth(["models", "export", "tuned:1", "--base", "twin:1", ...at]);
    const sha256 = (await hub.client.models.resolve("tuned:1")).checksums["adapter.gguf"];
    expect(made).toMatchObject({
      code: 0,
      json: {
        version: 2,
        status: "ready",
        kind: "adapter",
        sha256,
        lineage: { base: { reference: "twin:1" }, job_id: null },
      },
    });
    for (const [question, answer] of [
      ["leaf?", "green"],
      ["apple?", "red"],
      ["sky?", "blue"],
    ] as const) {
      const messages = [{ role: "user" as const, content: question }];
      const asked = { model: "tuned:2", messages, max_tokens: 8, temperature: 0 };
      const { choices } = await openai.chat.completions.create(asked);
      expect(choices[0]?.message.content).toBe(answer);
    }
    const again = await hearth(["models", "export", "tuned:2", "--base", "twin:1", ...at]);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining("a base in MLX's format") });
    expect(await readdir(join(hub.home, "storage", "active"))).toEqual([]);
  }, 300_000);

  test("what mlx cannot do is refused by its field before a job is made", async () => {
    const before = (await hub.client.jobs.list()).total;
    const job = { model_id: "tuned", dataset_id: "colours" };
    const refused = (request: object) => hub.client.jobs.create({ ...job, ...request });
    const details = (field: string) => ({ code: "invalid_request", details: { field } });
    await expect(refused({ recipe: "full" })).rejects.toMatchObject(details("recipe"));
    await expect(refused({ provider: "webgpu" })).rejects.toMatchObject(details("provider"));
    await expect(refused({ trainer: "onnx" })).rejects.toMatchObject(details("trainer"));
    await expect(refused({ trainer: "mlx", base_model: "gguf" })).rejects.toMatchObject(details("trainer"));
    expect((await hub.client.jobs.list()).total).toBe(before);
    expect(await hub.client.jobs.bases()).toEqual(["gguf:1", "small:1", "twin:1"]);
    expect((await hub.client.jobs.estimate(job)).trainer).toBe("mlx");
    expect(await hub.client.jobs.trainers()).toMatchObject([
      { name: "onnx", available: true },
      { name: "mlx", available: true, found: expect.stringContaining(peer?.version ?? "") },
    ]);
  });

  test("what the engine does not do is a 400 with its name", async () => {
    const refused = openai.chat.completions.create({
      model: "small",
      messages: [{ role: "user", content: "hello" }],
      frequency_penalty: 1,
    });
    await expect(refused).rejects.toMatchObject({ status: 400, param: "frequency_penalty" });
  });

  test("kill -9 of the server in the middle of an answer: an error, and the next request is answered", async () => {
    await using own = await TestHub.start();
    await symlink(environmentsFolder(mlxPeerHome), environmentsFolder(own.home));
    await writeMlxModel(join(own.home, "small"), tinyShape, 1);
    await own.client.models.create({ name: "small", task_type: "chat", path: join(own.home, "small") });
    const client = new OpenAI({ baseURL: `${own.url}/v1`, apiKey: "none", maxRetries: 0 });
    const endless = { model: "small", prompt: "go on", logit_bias: { "100": 100 }, max_tokens: 490 };
    const stream = await client.completions.create({ ...endless, stream: true });
    let killed = 0;
    const read = async (): Promise<void> => {
      for await (const _chunk of stream) {
        if (killed !== 0) continue;
        killed = await enginePid(own);
        process.kill(killed, "SIGKILL");
      }
    };
    await expect(read()).rejects.toThrow(/mlx_lm\.server was ended by SIGKILL/);
    expect(await processIdentity(killed)).toBeNull();
    const again = await client.completions.create({ ...endless, max_tokens: 3 });
    expect(again.usage?.completion_tokens).toBe(3);
  });
});
