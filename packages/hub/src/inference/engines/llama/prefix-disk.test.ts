import { readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { GenerateRequest, LoadOptions, ModelFiles } from "../../engine.ts";
import { answer, never, request } from "../../tests/asking.ts";
import type { Answer } from "../../tests/asking.ts";
import { adapterFor, middleModel, middleShape, TestFolder } from "../../tests/model-fixtures.ts";
import { greedy } from "../../verify-export.ts";
import { LlamaEngine } from "./engine.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());

async function loaded(
  cache: string | null,
  model: ModelFiles,
  change: Partial<LoadOptions> & { cacheMaxBytes?: number } = {},
): Promise<LlamaEngine> {
  const { cacheMaxBytes, ...options } = change;
  const engine = new LlamaEngine({
    threads: 1,
    logFile: folder.file("engine.log"),
    ...(cache === null ? {} : { cacheFolder: folder.file(cache) }),
    ...(cacheMaxBytes === undefined ? {} : { cacheMaxBytes }),
  });
  await engine.load(model, { threads: 1, slots: 2, contextSize: 1024, ...options }, never);
  return engine;
}

const rules = "Keep the lamp lit, whatever the wind does, and write down who came by. ".repeat(9);

function chat(question: string, change: Partial<GenerateRequest> = {}): GenerateRequest {
  const messages = [
    { role: "system", content: rules },
    { role: "user", content: question },
  ];
  const sampling = { ...greedy, temperature: 0.5, seed: 9 };
  return request("", { prompt: { kind: "chat", messages }, sampling, maxTokens: 12, ...change });
}

async function coldAnswer(model: ModelFiles, asked: GenerateRequest): Promise<Answer> {
  await using cold = await loaded(null, model);
  return await answer(cold, asked);
}

async function states(cache: string): Promise<string[]> {
  const files = await readdir(folder.file(cache), { recursive: true });
  return files.filter((file) => file.endsWith(".state")).map((file) => join(folder.file(cache), file));
}

test.each(["F32", "Q8_0"] as const)(
  "%s weights: a system prompt is found again after a restart, and the answer is the same",
  async (type) => {
    const model = await middleModel(folder.file(`${type}.gguf`), type);
    const adapter = await adapterFor(folder.file(`${type}-adapter.gguf`), middleShape, 5);
    for (const one of [null, adapter]) {
      const first = await loaded(`${type}-cache`, model);
      const { started } = await answer(first, chat("first?", { adapter: one }));
      expect(started.cachedTokens).toBe(0);
      await first.unload();
      await using second = await loaded(`${type}-cache`, model);
      const warm = await answer(second, chat("and another one?", { adapter: one }));
      expect(warm.started.cachedTokens).toBeGreaterThan(256);
      const cold = await coldAnswer(model, chat("and another one?", { adapter: one }));
      expect(warm.ids).toEqual(cold.ids);
    }
  },
);

test("what a slot held is stored when something else takes its place, and comes back", async () => {
  const model = await middleModel(folder.file("taken.gguf"), "Q8_0");
  await using engine = await loaded("taken", model, { slots: 1 });
  await answer(engine, chat("first?"));
  expect(await states("taken")).toEqual([]);
  await answer(engine, request("something quite different", { maxTokens: 3 }));
  expect(await states("taken")).toHaveLength(1);
  const back = await answer(engine, chat("first?"));
  expect(back.started.cachedTokens).toBeGreaterThan(256);
  // A prompt that is no chat and came once is not worth the disk.
  await answer(engine, request(rules, { maxTokens: 3 }));
  await answer(engine, request("again something different", { maxTokens: 3 }));
  expect(await states("taken")).toHaveLength(1);
});

test("a damaged file, another model's, another type of cache: computed again", async () => {
  const model = await middleModel(folder.file("one.gguf"), "Q8_0");
  const first = await loaded("damaged", model);
  await answer(first, chat("first?"));
  await first.unload();
  await using other = await loaded("damaged", { ...model, baseSha256: "another" });
  expect((await answer(other, chat("first?"))).started.cachedTokens).toBe(0);
  await other.unload();
  await using quantised = await loaded("damaged", model, { kvCacheType: "q8_0" });
  expect((await answer(quantised, chat("first?"))).started.cachedTokens).toBe(0);
  await quantised.unload();
  for (const path of await states("damaged")) await truncate(path, (await stat(path)).size - 5);
  await using again = await loaded("damaged", model);
  const asked = chat("first?");
  const found = await answer(again, asked);
  expect(found.started.cachedTokens).toBe(0);
  expect(found.ids).toEqual((await coldAnswer(model, asked)).ids);
});

test("the folder stays below its limit", async () => {
  const model = await middleModel(folder.file("small.gguf"), "Q8_0");
  const engine = await loaded("small", model, { cacheMaxBytes: 1000 });
  await answer(engine, chat("first?"));
  await engine.unload();
  expect(await states("small")).toEqual([]);
});
