import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readDecoderShape } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { readGgufHeader, readTensor } from "../../packages/hub/src/model-files/gguf/read.ts";
import { tokenizerFromGguf } from "../../packages/hub/src/model-files/tokenizer/tokenizer.ts";
import { makeRandomModel, presets } from "./random-model.ts";
import { syntheticTokenizer } from "./synthetic-tokenizer.ts";

test("a random model has its shape, its spread and the same bytes for the same seed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "hearth-random-model-"));
  try {
    const path = (name: string): string => join(folder, name);
    await makeRandomModel(path("a"), { preset: "tiny", type: "F32", seed: 1 });
    await makeRandomModel(path("b"), { preset: "tiny", type: "F32", seed: 1 });
    await makeRandomModel(path("c"), { preset: "tiny", type: "F32", seed: 2 });
    const bytes = await readFile(path("a"));
    expect(bytes.equals(await readFile(path("b")))).toBe(true);
    expect(bytes.equals(await readFile(path("c")))).toBe(false);
    const header = await readGgufHeader(path("a"));
    expect(await readDecoderShape(header)).toEqual({
      ...presets.tiny,
      normEps: Math.fround(presets.tiny.normEps),
    });
    const weights = await readTensor(header, "blk.0.ffn_up.weight");
    const variance = weights.reduce((sum, value) => sum + value * value, 0) / weights.length;
    expect(Math.sqrt(variance) * 8).toBeCloseTo(1, 1);
    const tokenizer = tokenizerFromGguf(header);
    expect(tokenizer.decode(tokenizer.encode("The rain in Spain 🎉"))).toBe("The rain in Spain 🎉");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a synthetic tokenizer has exactly the tokens asked for, each once", () => {
  for (const size of [259, 512, 32_000]) {
    const { tokens, merges } = syntheticTokenizer(size);
    expect(new Set(tokens).size).toBe(size);
    expect(merges.length).toBe(size - 259);
  }
  expect(() => syntheticTokenizer(100)).toThrow(/at least 259/);
  expect(() => syntheticTokenizer(1_000_000)).toThrow(/At most/);
});
