import { afterAll, expect, test } from "vitest";
import { measureMemory, tolerance, type MemoryCase } from "../../../../bench/memory.ts";
import { estimateMemory, shapeOf } from "./estimate.ts";
import { TestFolder } from "./tests/model-fixtures.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());

// The same with a model of half a thousand million weights: `npm run bench -- memory`.
test.skipIf(process.platform === "win32").each<[MemoryCase, number]>([
  [{ shape: "tiny", type: "F16", slots: 1, context: 512 }, 0],
  [{ shape: "small", type: "Q8_0", slots: 1, context: 1024 }, 1],
  [{ shape: "small", type: "Q8_0", slots: 8, context: 1024 }, 0],
  [{ shape: "small", type: "Q8_0", slots: 8, context: 4096 }, 2],
])("%j with %i adapters: the estimate is near what the process holds", async (one, adapters) => {
  const { estimatedBytes, residentBytes } = await measureMemory(one, adapters, folder.path);
  expect(Math.abs(estimatedBytes / residentBytes - 1)).toBeLessThanOrEqual(tolerance);
});

test("a cache in Q8_0 takes 17 of 32 parts of one in F16; weights that are copied count twice", () => {
  const shape = {
    layers: 24,
    embedding: 896,
    vocabulary: 32_000,
    context: 32_768,
    cacheElementsPerToken: 6144,
  };
  const model = { basePath: "m", baseSha256: "m", bytes: 4e8, shape };
  const load = { threads: 1, slots: 4, contextSize: 4096 };
  const f16 = estimateMemory(model, load);
  const q8 = estimateMemory(model, { ...load, kvCacheType: "q8_0" });
  expect(q8.kvCacheBytes / f16.kvCacheBytes).toBeCloseTo(17 / 32);
  const repacked = estimateMemory({ ...model, shape: { ...shape, quantisation: "Q4_K" } }, load);
  expect(repacked.weightsBytes).toBe(process.platform === "darwin" ? 4e8 : 8e8);
});

test("what the registry keeps of earlier models, without their heads, is enough", () => {
  const kept = { layers: 2, embedding: 64, vocabulary: 512, context: 512, cacheElementsPerToken: 128 };
  expect(shapeOf(kept)).toEqual(kept);
  expect(shapeOf({ ...kept, heads: 4, quantisation: "Q8_0", name: "x" })).toEqual({
    ...kept,
    heads: 4,
    quantisation: "Q8_0",
  });
});
