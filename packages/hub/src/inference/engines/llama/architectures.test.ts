import { afterAll, describe, expect, test } from "vitest";
import { architectureModel, architectures } from "../../tests/architecture-fixtures.ts";
import { answer, never, request } from "../../tests/asking.ts";
import type { Answer } from "../../tests/asking.ts";
import { TestFolder } from "../../tests/model-fixtures.ts";
import { greedy } from "../../verify-export.ts";
import { LlamaEngine } from "./engine.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());

const kinds = Object.keys(architectures) as (keyof typeof architectures)[];
const cases = kinds.flatMap((kind) => (["F32", "Q8_0"] as const).map((type) => [kind, type] as const));

describe.each(cases)("%s, %s weights", (kind, type) => {
  const sampling = { ...greedy, temperature: 0.5, seed: 7 };
  const ask = (engine: LlamaEngine, text: string, maxTokens = 14): Promise<Answer> =>
    answer(engine, request(text, { sampling, maxTokens, logprobs: 0 }));
  /** To the last digit. */
  const digits = ({ logprobs }: Answer): number[] => logprobs.map(({ logprob }) => logprob);
  async function loaded(slots = 3): Promise<LlamaEngine> {
    const engine = new LlamaEngine({
      threads: 1,
      logFile: folder.file("engine.log"),
      cacheFolder: folder.file("prefixes"),
    });
    const model = await architectureModel(folder.file(`${kind}-${type}.gguf`), kind, type);
    await engine.load(model, { threads: 1, slots }, never);
    return engine;
  }

  test("an answer is the same alone, in any company, and after a kept beginning", async () => {
    await using engine = await loaded();
    await using quiet = await loaded();
    const texts = [3, 40, 11, 70, 24, 5].map(
      (length) => `story ${length} ${"once again ".repeat(length / 2)}`,
    );
    const together = await Promise.all(texts.map((text) => ask(engine, text)));
    for (const [index, text] of texts.entries()) {
      const alone = await ask(quiet, text);
      expect(together[index]?.ids, text).toEqual(alone.ids);
      expect(digits(together[index] ?? alone), text).toEqual(digits(alone));
    }
    // Further turns of one story, its answers cut off, gone back to, and gone on with.
    for (const text of [texts[3], `${texts[3]} and more`, texts[1]]) {
      const warm = await ask(engine, text ?? "");
      await using fresh = await loaded();
      const cold = await ask(fresh, text ?? "");
      expect(warm.ids, text).toEqual(cold.ids);
      expect(digits(warm), text).toEqual(digits(cold));
    }
  });

  test("log probabilities of a prompt are those that its tokens had when they were generated", async () => {
    await using engine = await loaded();
    const tokens = await engine.tokenize({ kind: "text", text: "once upon a time" }, never);
    const prompt = { kind: "tokens" as const, tokens };
    const said = await answer(engine, request("", { prompt, sampling, maxTokens: 100, logprobs: 1 }));
    const whole = { kind: "tokens" as const, tokens: [...tokens, ...said.ids] };
    const read = await answer(engine, request("", { prompt: whole, promptLogprobs: 1, maxTokens: 1 }));
    for (const [index, { logprob }] of said.logprobs.entries()) {
      expect(read.started.promptLogprobs?.[tokens.length + index]?.logprob).toBeCloseTo(logprob, 1);
    }
  });
});
