import fc from "fast-check";
import { expect, test } from "vitest";
import { waysToLoad } from "./choose-load.ts";
import type { LoadOptions, ModelFiles } from "./engine.ts";
import { estimateMemory } from "./estimate.ts";
import { nothingSet } from "./serving.ts";

/** Shape of a model with half a thousand million parameters in Q8_0. */
const half: ModelFiles = {
  basePath: "half",
  baseSha256: "half",
  bytes: 530e6,
  shape: {
    layers: 24,
    embedding: 896,
    vocabulary: 151_936,
    context: 32_768,
    cacheElementsPerToken: 24 * 2 * 128,
  },
};
const large: ModelFiles = {
  basePath: "large",
  baseSha256: "large",
  bytes: 4.4e9,
  shape: {
    layers: 32,
    embedding: 4096,
    vocabulary: 32_000,
    context: 32_768,
    cacheElementsPerToken: 32 * 2 * 1024,
  },
};

function best(model: ModelFiles, budgetBytes: number, cores: number, set = {}): LoadOptions {
  const estimate = (load: LoadOptions): number => estimateMemory(model, load).totalBytes;
  const machine = { cores, budgetBytes, threads: cores };
  const [way] = waysToLoad(model, { ...nothingSet, ...set }, machine, estimate);
  if (way === undefined) throw new Error("there is always a way");
  return way;
}

test("more memory and more cores give more slots and a longer context", () => {
  expect(best(half, 36e9, 2)).toMatchObject({ slots: 8, contextSize: 8192, threads: 2 });
  expect(best(half, 36e9, 12)).toMatchObject({ slots: 16, contextSize: 8192, threads: 12 });
  const narrow = best(large, 8e9, 4);
  expect(narrow.slots * (narrow.contextSize ?? 0)).toBeLessThan(16_384);
  expect(best(large, 36e9, 8)).toMatchObject({ slots: 8, contextSize: 4096 });
});

test("what is set stays, and never more than the model was trained for", () => {
  expect(best(large, 8e9, 4, { slots: 8, contextSize: 8192 })).toMatchObject({ slots: 8, contextSize: 8192 });
  expect(best(half, 36e9, 4, { contextSize: 1e6 }).contextSize).toBe(32_768);
  expect(best(half, 36e9, 4, { threads: 3, kvCacheType: "q8_0" })).toMatchObject({
    threads: 3,
    kvCacheType: "q8_0",
  });
});

test("the ways need less and less, and all but the last resort leave half of the rest to others", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(half, large),
      fc.integer({ min: 64e6, max: 200e9 }),
      fc.integer({ min: 1, max: 64 }),
      (model, budgetBytes, cores) => {
        const estimate = (load: LoadOptions): number =>
          estimateMemory(model, { ...load, adapterContexts: 1 }).totalBytes;
        const ways = waysToLoad(model, nothingSet, { cores, budgetBytes, threads: cores }, estimate);
        expect(ways.length).toBeGreaterThan(0);
        const tokens = ways.map(({ slots, contextSize = 0 }) => slots * contextSize);
        expect(tokens).toEqual(tokens.toSorted((a, b) => b - a));
        const limit = model.bytes + (budgetBytes - model.bytes) / 2;
        if (ways.length > 1) for (const way of ways) expect(estimate(way)).toBeLessThanOrEqual(limit);
      },
    ),
  );
});
