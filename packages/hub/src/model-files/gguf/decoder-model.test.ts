import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { chatmlTemplate } from "../chat-template.ts";
import { ModelFileInvalid } from "../invalid.ts";
import { alterModel } from "../testing/altered-model.ts";
import type { Alteration } from "../testing/altered-model.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { deepFamilies, tinyFamilies } from "../testing/tiny-families.ts";
import { tinyShape, tinyTokenizer, tinyWeights, writeTinyModel } from "../testing/tiny-model.ts";
import { decoderTensors, readDecoderShape, validateModel, writeDecoderModel } from "./decoder-model.ts";
import { traitsOf } from "./decoder-shape.ts";
import { readGgufHeader, readTensor } from "./read.ts";

const matrix = (name: string, rows: number, columns: number): NonNullable<Alteration["tensors"]> => [
  { name, shape: [rows, columns], type: "F32", data: new Float32Array(rows * columns) },
];

describe("writeDecoderModel", () => {
  test.each([
    ["F32", true],
    ["F16", false],
    ["Q8_0", true],
  ] as const)("in %s (tied: %s) gives its shape, weights and summary back", async (type, tied) => {
    await using folder = await temporaryFolder();
    const shape = await writeTinyModel(folder.file("m"), { type, tied });
    const header = await readGgufHeader(folder.file("m"));
    expect(await readDecoderShape(header)).toEqual({ ...shape, normEps: Math.fround(1e-5) });
    const weights = tinyWeights(shape);
    const tolerance = { F32: 0, F16: 3e-4, Q8_0: 3e-3 }[type];
    for (const [name, values] of weights) {
      const stored = await readTensor(header, name);
      const worst = values.reduce(
        (most, value, i) => Math.max(most, Math.abs(value - (stored[i] ?? Infinity))),
        0,
      );
      expect(worst, name).toBeLessThanOrEqual(tolerance);
    }
    let parameters = 0;
    for (const values of weights.values()) parameters += values.length;
    expect(validateModel(header)).toEqual({
      architecture: "llama",
      name: "tiny",
      parameters,
      context: 256,
      layers: 2,
      embedding: 64,
      // 2 layers, 2 key/value heads, keys and values of 16 numbers
      heads: 4,
      cacheElementsPerToken: 128,
      quantisation: type,
      chatTemplate: chatmlTemplate,
      vocabulary: shape.vocabulary,
      fileSize: header.fileSize,
    });
  });

  test("gives the same bytes each time", async () => {
    await using folder = await temporaryFolder();
    await writeTinyModel(folder.file("one"), { type: "Q8_0" });
    await writeTinyModel(folder.file("two"), { type: "Q8_0" });
    expect((await readFile(folder.file("one"))).equals(await readFile(folder.file("two")))).toBe(true);
  });

  test("refuses weights and tokenizers that do not fit the shape", async () => {
    await using folder = await temporaryFolder();
    const shape = await writeTinyModel(folder.file("m"));
    const model = { shape, name: "x", tokenizer: tinyTokenizer(), chatTemplate: "", type: "F32" as const };
    const write = (change: object): Promise<void> =>
      writeDecoderModel(folder.file("x"), { ...model, weights: tinyWeights(shape), ...change });
    const without = tinyWeights(shape);
    without.delete("output_norm.weight");
    await expect(write({ weights: without })).rejects.toThrow(/lack the tensor output_norm\.weight/);
    const more = tinyWeights(shape).set("extra.weight", new Float32Array(1));
    await expect(write({ weights: more })).rejects.toThrow(/unknown tensor extra\.weight/);
    const short = tinyWeights(shape).set("blk.0.attn_q.weight", new Float32Array(3));
    await expect(write({ weights: short })).rejects.toThrow(
      /blk\.0\.attn_q\.weight needs 4096 numbers; found 3/,
    );
    await expect(write({ shape: { ...shape, vocabulary: 7 } })).rejects.toThrow(ModelFileInvalid);
    const odd = { ...shape, ffn: 100 };
    await expect(write({ shape: odd, weights: tinyWeights(odd), type: "Q8_0" })).rejects.toThrow(
      /rows of 100 numbers, which Q8_0 cannot hold/,
    );
  });
});

describe("decoderTensors", () => {
  test("lists 9 tensors a layer, the embedding and the norm, and the head when it is not tied", () => {
    const shape = {
      vocabulary: 10,
      dim: 8,
      layers: 3,
      heads: 2,
      kvHeads: 1,
      headDim: 4,
      ffn: 12,
      normEps: 1,
      ropeTheta: 1,
      context: 1,
    };
    expect(decoderTensors({ ...shape, tied: true }).size).toBe(29);
    const untied = decoderTensors({ ...shape, tied: false });
    expect(untied.get("output.weight")).toEqual([10, 8]);
    expect(untied.get("blk.2.attn_k.weight")).toEqual([4, 8]);
    expect(untied.get("blk.2.ffn_down.weight")).toEqual([8, 12]);
  });
});

describe("readDecoderShape refuses", () => {
  test.each<[string, Alteration, RegExp]>([
    [
      "another architecture",
      { metadata: { "general.architecture": ["string", "mamba"] } },
      /architecture "mamba" cannot be trained here; llama, .*gemma3 can/,
    ],
    [
      "no heads",
      { metadata: { "llama.attention.head_count": ["u32", 0] } },
      /head_count must be a whole number from 1.*found 0/,
    ],
    [
      "heads that do not divide",
      { metadata: { "llama.attention.head_count": ["u32", 5], "llama.attention.key_length": null } },
      /5 attention heads do not divide/,
    ],
    [
      "key/value heads that do not divide",
      { metadata: { "llama.attention.head_count_kv": ["u32", 3] } },
      /3 key\/value heads do not divide the 4/,
    ],
    [
      "10^9 layers",
      { metadata: { "llama.block_count": ["u32", 1_000_000_000] } },
      /block_count.*found 1000000000/,
    ],
    [
      "a layer too many",
      { metadata: { "llama.block_count": ["u32", 3] } },
      /lacks the tensor blk\.2\.attn_norm\.weight/,
    ],
    [
      "a layer too few",
      { metadata: { "llama.block_count": ["u32", 1] } },
      /"blk\.1\.attn_norm\.weight" is not part/,
    ],
    ["an odd rotary size", { metadata: { "llama.rope.dimension_count": ["u32", 7] } }, /even; found 7/],
    [
      "a partial rotation",
      { metadata: { "llama.rope.dimension_count": ["u32", 8] } },
      /must be the head size 16.*found 8/,
    ],
    [
      "other sizes for keys and values",
      { metadata: { "llama.attention.value_length": ["u32", 8] } },
      /Keys of 16 numbers with values of 8/,
    ],
    [
      "an epsilon of 0",
      { metadata: { "llama.attention.layer_norm_rms_epsilon": ["f32", 0] } },
      /above 0 and at most 0\.1; found 0/,
    ],
    [
      "an epsilon of 1",
      { metadata: { "llama.attention.layer_norm_rms_epsilon": ["f32", 1] } },
      /above 0 and at most 0\.1; found 1/,
    ],
    [
      "a rotary base of NaN",
      { metadata: { "llama.rope.freq_base": ["f32", Number.NaN] } },
      /freq_base must be above 0; found NaN/,
    ],
    [
      "stretched positions",
      {
        metadata: {
          "llama.rope.scaling.type": ["string", "longrope"],
          "llama.rope.scaling.factor": ["f32", 4],
        },
      },
      /RoPE scaling "longrope", factor 4/,
    ],
    [
      "a setting of YaRN that the engine does not read",
      {
        metadata: {
          "llama.rope.scaling.type": ["string", "yarn"],
          "llama.rope.scaling.yarn_beta_fast": ["f32", 4],
        },
      },
      /does not know the setting llama\.rope\.scaling\.yarn_beta_fast/,
    ],
    [
      "a factor of 0",
      { metadata: { "llama.rope.scaling.factor": ["f32", 0] } },
      /factor must be above 0; found 0/,
    ],
    [
      "factors for positions",
      { tensors: [{ name: "rope_freqs.weight", shape: [8], type: "F32", data: new Float32Array(8) }] },
      /rope_freqs\.weight must hold numbers above 0; found 0/,
    ],
    [
      "too few factors for positions",
      { tensors: [{ name: "rope_freqs.weight", shape: [4], type: "F32", data: new Float32Array(4) }] },
      /rope_freqs\.weight must have the shape \[8\]; found \[4\]/,
    ],
    [
      "a bias in one layer only",
      { tensors: [{ name: "blk.0.attn_q.bias", shape: [64], type: "F32", data: new Float32Array(64) }] },
      /lacks the tensor blk\.1\.attn_q\.bias/,
    ],
    [
      "experts",
      { tensors: matrix("blk.0.ffn_gate_inp.weight", 4, 64) },
      /"blk\.0\.ffn_gate_inp\.weight" is not part of a llama model/,
    ],
    [
      "attention to what follows",
      { metadata: { "llama.attention.causal": ["bool", false] } },
      /sees what follows/,
    ],
    ["a missing tensor", { without: ["blk.1.ffn_up.weight"] }, /lacks the tensor blk\.1\.ffn_up\.weight/],
    [
      "a misshapen tensor",
      { tensors: matrix("blk.1.ffn_up.weight", 64, 96) },
      /must have the shape \[96, 64\]; found \[64, 96\]/,
    ],
    [
      "no context",
      { metadata: { "llama.context_length": null } },
      /lacks the metadata key llama\.context_length/,
    ],
  ])("%s", async (_, change, message) => {
    await using folder = await temporaryFolder();
    await writeTinyModel(folder.file("m"));
    await alterModel(folder.file("m"), folder.file("x"), change);
    const header = await readGgufHeader(folder.file("x"));
    const reading = readDecoderShape(header);
    await expect(reading).rejects.toThrow(ModelFileInvalid);
    await expect(reading).rejects.toThrow(message);
  });

  test.each([...tinyFamilies, ...deepFamilies])(
    "but takes what was written: $name",
    async ({ shape: wanted }) => {
      await using folder = await temporaryFolder();
      const tokenizer = tinyTokenizer();
      const shape = { ...wanted, vocabulary: tokenizer.tokens.length };
      await writeDecoderModel(folder.file("m"), {
        shape,
        name: "tiny",
        tokenizer,
        chatTemplate: chatmlTemplate,
        weights: tinyWeights(shape),
        type: "F16",
      });
      const header = await readGgufHeader(folder.file("m"));
      const { traits, ...sizes } = await readDecoderShape(header);
      const { traits: expected, ...expectedSizes } = shape;
      expect(sizes).toEqual({ ...expectedSizes, normEps: Math.fround(shape.normEps) });
      expect(traitsOf({ traits })).toEqual(traitsOf({ traits: expected }));
      expect(validateModel(header).architecture).toBe(traitsOf(shape).architecture);
    },
  );

  test("positions at which queries would grow", async () => {
    await using folder = await temporaryFolder();
    const tokenizer = tinyTokenizer();
    const shape = { ...tinyShape, vocabulary: tokenizer.tokens.length, traits: { architecture: "mistral3" } };
    await writeDecoderModel(folder.file("m"), {
      shape,
      name: "tiny",
      tokenizer,
      chatTemplate: chatmlTemplate,
      weights: tinyWeights(shape),
      type: "F16",
      extraMetadata: [
        ["mistral3.attention.temperature_scale", "f32", 0.1],
        ["mistral3.rope.scaling.original_context_length", "u32", 40],
      ],
    });
    expect((await readDecoderShape(await readGgufHeader(folder.file("m")))).context).toBe(40);
  });

  test("but takes a linear scaling by 1", async () => {
    await using folder = await temporaryFolder();
    await writeTinyModel(folder.file("m"));
    const scaling: Alteration["metadata"] = {
      "llama.rope.scaling.type": ["string", "linear"],
      "llama.rope.scaling.factor": ["f32", 1],
    };
    await alterModel(folder.file("m"), folder.file("x"), { metadata: scaling });
    expect((await readDecoderShape(await readGgufHeader(folder.file("x")))).headDim).toBe(16);
  });
});
