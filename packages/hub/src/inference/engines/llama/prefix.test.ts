import { afterAll, describe, expect, test } from "vitest";
import type { AdapterFile, GenerateRequest } from "../../engine.ts";
import { answer, begun, never, request } from "../../tests/asking.ts";
import type { Answer } from "../../tests/asking.ts";
import { adapterFor, middleModel, middleShape, TestFolder } from "../../tests/model-fixtures.ts";
import { greedy } from "../../verify-export.ts";
import { LlamaEngine } from "./engine.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());

async function loaded(type: "F32" | "F16" | "Q8_0", slots: number): Promise<LlamaEngine> {
  const engine = new LlamaEngine({ threads: 1, logFile: folder.file("engine.log") });
  const model = await middleModel(folder.file(`${type}.gguf`), type);
  await engine.load(model, { threads: 1, slots, contextSize: 1024 }, never);
  return engine;
}

function asking(text: string, seed: number, adapter: AdapterFile | null = null): GenerateRequest {
  const sampling = { ...greedy, temperature: 0.4, seed };
  return request(text, { sampling, maxTokens: 12, adapter, logprobs: 0 });
}

/** The answer of an engine that keeps nothing of it; as in any company, which two slots are needed for. */
async function coldAnswer(cold: LlamaEngine, asked: GenerateRequest): Promise<Answer> {
  const { adapter } = asked;
  await Promise.all(
    [1, 2].map((index) => answer(cold, asking(`${index} is entirely different`, 0, adapter))),
  );
  const alone = await answer(cold, asked);
  expect(alone.started.cachedTokens).toBeLessThan(8);
  return alone;
}

const system = `You are a keeper of the lamp. ${"Never let it go out, whatever the wind does. ".repeat(5)}`;
/** Tokens and their log probabilities to the last digit. */
const said = (answers: readonly Answer[]) =>
  answers.map(({ logprobs }) => logprobs.map(({ id, logprob }) => [id, logprob]));

describe.each(["F32", "F16", "Q8_0"] as const)("%s weights", (type) => {
  test("one prompt asked four times at once is computed once, and the answers are those of cold slots", async () => {
    const adapter = await adapterFor(folder.file(`${type}-adapter.gguf`), middleShape, 5);
    await using engine = await loaded(type, 4);
    await using cold = await loaded(type, 2);
    for (const one of [null, adapter]) {
      const together = await Promise.all(
        [1, 2, 3, 4].map((seed) => answer(engine, asking(system, seed, one))),
      );
      const cached = together.map(({ started }) => started.promptTokens - started.cachedTokens);
      expect(cached.toSorted((a, b) => a - b).slice(0, 3)).toEqual([2, 2, 2]);
      const alone: Answer[] = [];
      for (const seed of [1, 2, 3, 4]) alone.push(await coldAnswer(cold, asking(system, seed, one)));
      expect(said(together)).toEqual(said(alone));
    }
  });

  test("chats with one system prompt share it and do not push each other out", async () => {
    await using engine = await loaded(type, 4);
    await using cold = await loaded(type, 2);
    const chats = ["first the oil", "second the wick", "third the glass"].map(
      (text) => `${system} ${`${text}, `.repeat(8)}`,
    );
    const turns: Answer[] = [];
    for (const chat of chats) turns.push(await answer(engine, asking(chat, 1)));
    for (const { started } of turns.slice(1)) expect(started.cachedTokens).toBeGreaterThan(90);
    const again = await Promise.all(chats.map((chat) => answer(engine, asking(`${chat} and more`, 2))));
    for (const [index, { started }] of again.entries()) {
      expect(started.cachedTokens).toBeGreaterThan((turns[index]?.started.promptTokens ?? 0) - 4);
    }
    const alone: Answer[] = [];
    for (const chat of chats) alone.push(await coldAnswer(cold, asking(`${chat} and more`, 2)));
    expect(said(again)).toEqual(said(alone));
  });

  test("a beginning is copied from a slot that is still answering", async () => {
    await using engine = await loaded(type, 2);
    const [token = -1] = await engine.tokenize({ kind: "text", text: "a" }, never);
    const sampling = { ...greedy, logitBias: new Map([[token, 100]]) };
    const running = await begun(engine.generate(request(system, { maxTokens: 300, sampling }), never));
    const beside = await answer(engine, asking(`${system} and so on`, 3));
    expect(beside.started.cachedTokens).toBeGreaterThan(90);
    await running.return?.();
    await using cold = await loaded(type, 2);
    expect(said([beside])).toEqual(said([await coldAnswer(cold, asking(`${system} and so on`, 3))]));
  });
});
