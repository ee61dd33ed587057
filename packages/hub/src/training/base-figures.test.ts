import { expect, test } from "vitest";
import { figuresOfSummary } from "./base-figures.ts";

test("a summary without the figures has no shape", () => {
  expect(figuresOfSummary({ architecture: "llama" })).toBeNull();
});

test("a base of an earlier release is taken to have Llama's usual proportions", () => {
  const old = {
    parameters: 100,
    embedding: 128,
    layers: 2,
    quantisation: "Q8_0",
    cacheElementsPerToken: 256,
  };
  const found = figuresOfSummary(old);
  expect(found?.shape).toMatchObject({ ffn: 384, heads: 2, headDim: 64, kvHeads: 1, vocabulary: 32_000 });
  expect([...(found?.stored.weights ?? [])]).toEqual([["Q8_0", 100]]);
  expect(found?.stored.head).toBe("Q8_0");
});

test("what the file said counts, and nothing is made of words that are no type", () => {
  const figures = { kvHeads: 3, headDim: 32, ffn: 500, tied: false, heads: 6, vocabulary: 1000 };
  const types = { weightTypes: "Q4_K 1200, nonsense 7, F32 64, constructor 3", headType: "Q6_K" };
  const found = figuresOfSummary({ parameters: 1, embedding: 192, layers: 2, ...figures, ...types });
  expect(found?.shape).toMatchObject(figures);
  expect([...(found?.stored.weights ?? [])]).toEqual([
    ["Q4_K", 1200],
    ["F32", 64],
  ]);
  expect(found?.stored.head).toBe("Q6_K");
});
