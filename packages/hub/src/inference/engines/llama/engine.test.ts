import { afterAll, expect, test } from "vitest";
import { chatmlTemplate } from "../../../model-files/chat-template.ts";
import { readGgufHeader } from "../../../model-files/gguf/read.ts";
import { tokenizerFromGguf } from "../../../model-files/tokenizer/tokenizer.ts";
import { writeTinyModel } from "../../../model-files/testing/tiny-model.ts";
import type { AdapterFile } from "../../engine.ts";
import { engineContract } from "../../engine-contract.ts";
import { answer, never, request } from "../../tests/asking.ts";
import {
  adapterFor,
  badModels,
  middleModel,
  middleShape,
  modelFiles,
  roomyModel,
  TestFolder,
  tinyModel,
  tinyShape,
  unknownFiles,
  wideModel,
  wideShape,
} from "../../tests/model-fixtures.ts";
import { greedy } from "../../verify-export.ts";
import { LlamaEngine } from "./engine.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());

engineContract("llama", async () => {
  const model = await tinyModel(folder.file("tiny.gguf"));
  const bad = await badModels(folder, model.basePath);
  const tokenizer = tokenizerFromGguf(await readGgufHeader(model.basePath));
  return {
    create: (options = {}) =>
      new LlamaEngine({
        threads: 1,
        logFile: folder.file("engine.log"),
        codeCacheFolder: folder.file("code"),
        ...options,
      }),
    model,
    roomy: await roomyModel(folder.file("roomy.gguf")),
    adapters: [
      await adapterFor(folder.file("one.gguf"), tinyShape, 1),
      await adapterFor(folder.file("two.gguf"), tinyShape, 2),
    ],
    wide: {
      model: await wideModel(folder.file("wide.gguf")),
      adapters: [
        await adapterFor(folder.file("wide-one.gguf"), wideShape, 3),
        await adapterFor(folder.file("wide-two.gguf"), wideShape, 4),
      ],
    },
    bad: new Map([...bad].map(([what, path]) => [what, unknownFiles(path)])),
    controlToken: "<|im_end|>",
    decode: (ids) => tokenizer.decode(ids),
  };
});

test.each([
  ["F32", "f16"],
  ["F16", "f16"],
  ["Q8_0", "f16"],
  ["F32", "q8_0"],
  ["Q8_0", "q8_0"],
] as const)(
  "%s weights, %s cache: an answer is the same alone, in any company, and after a kept beginning",
  async (type, kvCacheType) => {
    const model = await middleModel(folder.file(`${type}-${kvCacheType}.gguf`), type);
    const adapter = await adapterFor(folder.file(`${type}-adapter.gguf`), middleShape, 5);
    await using engine = new LlamaEngine({ threads: 1, logFile: folder.file("engine.log") });
    await engine.load(model, { threads: 1, slots: 4, contextSize: 1024, kvCacheType }, never);
    /** Tokens and their log probabilities to the last digit. */
    const ask = async (length: number, one: AdapterFile | null): Promise<[number, number][]> => {
      const text = `a question ${"and so on ".repeat(length)} number ${length}`;
      const sampling = { ...greedy, temperature: 0.3, seed: 7 };
      const asked = request(text, { adapter: one, maxTokens: 10 + length, sampling, logprobs: 0 });
      return (await answer(engine, asked)).logprobs.map(({ id, logprob }) => [id, logprob]);
    };
    const lengths = [0, 21, 5, 13, 2, 17, 9, 3];
    for (const one of [null, adapter]) {
      const together = await Promise.all(lengths.map((length) => ask(length, one)));
      const alone: [number, number][][] = [];
      for (const length of lengths) alone.push(await ask(length, one));
      expect(together).toEqual(alone);
    }
  },
);

test("probabilities of all tokens after a beginning add up to 1", async () => {
  const model = await tinyModel(folder.file("summed.gguf"));
  await using engine = new LlamaEngine({ threads: 1, logFile: folder.file("engine.log") });
  const { vocabulary } = await engine.load(model, { threads: 1, slots: 4 }, never);
  const [first = -1, second = -1] = await engine.tokenize({ kind: "text", text: "a word" }, never);
  const probabilities = Array.from({ length: vocabulary }, async (_, id) => {
    const asked = {
      id: `all-${id}`,
      prompt: { kind: "tokens" as const, tokens: [first, second, id] },
      adapter: null,
      maxTokens: 0,
      stop: [],
      sampling: greedy,
      promptLogprobs: 0,
    };
    for await (const event of engine.generate(asked, never)) {
      if (event.type === "started") return Math.exp(event.promptLogprobs?.[2]?.logprob ?? Number.NaN);
    }
    return Number.NaN;
  });
  const all = await Promise.all(probabilities);
  expect(all.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 4);
});

test("what a thinking model says first comes as its reasoning", async () => {
  const path = folder.file("thinking.gguf");
  const template = chatmlTemplate.replace("assistant\\n", "assistant\\n<think>\\n");
  await writeTinyModel(path, { tied: false, chatTemplate: `${template}{# </think> #}` });
  await using engine = new LlamaEngine({ threads: 1, logFile: folder.file("engine.log") });
  await engine.load(await modelFiles(path), { threads: 1, slots: 2 }, never);
  const prompt = { kind: "chat" as const, messages: [{ role: "user", content: "why?" }] };
  const thought = await answer(engine, request("", { prompt, maxTokens: 30 }));
  expect(thought.text).toBe("");
  const reasoning = thought.events.map((event) => (event.type === "tokens" ? (event.reasoning ?? "") : ""));
  expect(reasoning.join("").length).toBeGreaterThan(10);
  expect(thought.done.reasoningTokens).toBe(thought.done.completionTokens);
});

test("a quantised cache is refused where heads do not fit its blocks, and the engine loads without", async () => {
  const path = folder.file("narrow.gguf");
  await writeTinyModel(path, { tied: false });
  await using engine = new LlamaEngine({ threads: 1, logFile: folder.file("engine.log") });
  const files = await modelFiles(path);
  const refused = engine.load(files, { threads: 1, slots: 2, kvCacheType: "q8_0" }, never);
  await expect(refused).rejects.toMatchObject({ code: "model_load_failed" });
  await engine.load(files, { threads: 1, slots: 2 }, never);
  expect((await answer(engine, request("and now?", { maxTokens: 3 }))).ids).toHaveLength(3);
});
