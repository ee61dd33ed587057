import { symlink } from "node:fs/promises";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentsFolder } from "../packages/hub/src/inference/engines/mlx/environment/environment.ts";
import { writeMlxModel } from "../packages/hub/src/inference/tests/mlx-models.ts";
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

  test("cannot be trained on, which is said before a job is made", async () => {
    const dataset = await writeSmallDataset(hub.home);
    const asked = ["train", "--model", "tuned", "--dataset", dataset, "--base", "small"];
    const trained = await hearth([...asked, "--json", "--url", hub.url]);
    expect(trained).toMatchObject({ code: 2, stderr: expect.stringContaining("in MLX's format") });
    expect((await hub.client.jobs.list()).total).toBe(0);
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
