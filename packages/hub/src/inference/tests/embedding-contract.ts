import { describe, expect, test } from "vitest";
import type { HearthError } from "../../errors.ts";
import type { AdapterFile, Embedding, Engine, Prompt } from "../engine.ts";
import { RequestCancelled } from "../errors.ts";
import { greedy } from "../verify-export.ts";
import { answer, begun, endless, failure, never, request, rest } from "./asking.ts";

const text = (words: string): Prompt => ({ kind: "text", text: words });

function similarity(one: Embedding | undefined, other: Embedding | undefined): number {
  const dot = (a: Float32Array, b: Float32Array): number =>
    a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);
  const [a, b] = [one?.values ?? new Float32Array(1), other?.values ?? new Float32Array(1)];
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** Vectors of texts, where an engine gives them. */
export function embeddingContract(engineOf: () => Engine, adaptersOf: () => readonly AdapterFile[]): void {
  const unable = (): boolean => !engineOf().capabilities.embeddings;
  const embed = async (
    inputs: Prompt[],
    adapter: AdapterFile | null = null,
    signal = never,
  ): Promise<Embedding[]> => {
    const found = await engineOf().embed?.({ inputs, adapter }, signal);
    if (found === undefined) throw new Error("the engine says that it gives vectors and has no way to");
    return found;
  };

  describe("embeddings", () => {
    test("one vector for each input, in their order, the same each time", async () => {
      if (unable()) return;
      const words = ["a cat", "a dog and a long tale of what it did one day", "numbers", "a cat"];
      const vectors = await embed(words.map(text));
      expect(vectors).toHaveLength(4);
      const [size] = vectors.map(({ values }) => values.length);
      for (const [index, vector] of vectors.entries()) {
        expect(vector.values).toHaveLength(size ?? 0);
        expect(vector.tokens).toBeGreaterThanOrEqual(
          (await engineOf().tokenize(text(words[index] ?? ""), never)).length,
        );
        expect((await embed([text(words[index] ?? "")]))[0]).toEqual(vector);
      }
      expect(vectors[0]).toEqual(vectors[3]);
      expect(similarity(vectors[0], vectors[1])).toBeLessThan(0.999);
      expect(similarity(vectors[0], vectors[2])).toBeLessThan(0.999);
    });

    test("an adapter changes them", async () => {
      const [adapter] = adaptersOf();
      if (unable() || adapter === undefined) return;
      const [base] = await embed([text("a question")]);
      const [adapted] = await embed([text("a question")], adapter);
      expect(similarity(base, adapted)).toBeLessThan(0.9999);
      expect((await embed([text("a question")]))[0]).toEqual(base);
    });

    test("beside answers, which stay the same", async () => {
      if (unable()) return;
      const engine = engineOf();
      const sampling = { ...greedy, temperature: 0.8, seed: 3 };
      const ask = (index: number) =>
        answer(engine, request(`question ${index}`, { sampling, maxTokens: 60 }));
      const alone = [await ask(0), await ask(1), await ask(2)];
      const [vector] = await embed([text("in quiet")]);
      const [together, ...vectors] = await Promise.all([
        Promise.all([ask(0), ask(1), ask(2)]),
        ...Array.from({ length: 12 }, () => embed([text("in quiet"), text("in company ".repeat(30))])),
      ]);
      expect(together.map(({ ids }) => ids)).toEqual(alone.map(({ ids }) => ids));
      for (const [first] of vectors) expect(first).toEqual(vector);
    });

    test("an input that is too long is refused with both lengths, an empty one too", async () => {
      if (unable()) return;
      const error = await failure(embed([text("short"), text("word ".repeat(2000))]));
      expect(error).toMatchObject({ code: "invalid_request", details: { field: "input[1]" } });
      const { details } = error as HearthError;
      expect(details["prompt_tokens"]).toBeGreaterThan(512);
      expect(details["context_size"]).toBeLessThanOrEqual(512);
      expect(await failure(embed([text("")]))).toMatchObject({ code: "invalid_request" });
      expect(await embed([text("a good one")])).toHaveLength(1);
      expect(await embed([])).toEqual([]);
    });

    test("a cancelled request leaves the engine to others", async () => {
      if (unable()) return;
      const control = new AbortController();
      const long = embed(
        Array.from({ length: 400 }, () => text("many words ".repeat(40))),
        null,
        control.signal,
      );
      const running = begun(engineOf().generate(await endless(engineOf()), never));
      control.abort(new Error("gone"));
      expect(await failure(long)).toBeInstanceOf(RequestCancelled);
      expect(await embed([text("after that")])).toHaveLength(1);
      await rest(await running);
    });
  });
}
