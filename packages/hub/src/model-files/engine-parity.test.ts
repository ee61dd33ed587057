import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { getLlama } from "node-llama-cpp";
import type { Llama, LlamaModel } from "node-llama-cpp";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderChat } from "./chat-template.ts";
import { writeLoraGguf } from "./gguf/lora-adapter.ts";
import type { LoraTensor } from "./gguf/lora-adapter.ts";
import { validateModel, writeDecoderModel } from "./gguf/decoder-model.ts";
import type { ModelWriteType } from "./gguf/decoder-model.ts";
import type { DecoderShape } from "./gguf/decoder-shape.ts";
import { traitsOf } from "./gguf/decoder-shape.ts";
import { readGgufHeader } from "./gguf/read.ts";
import type { GgufTensorToWrite } from "./gguf/write.ts";
import { ModelFileInvalid } from "./invalid.ts";
import { alterModel } from "./testing/altered-model.ts";
import type { Alteration } from "./testing/altered-model.ts";
import { tinyFamilies } from "./testing/tiny-families.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";
import { tinyTokenizer, tinyWeights, writeTinyModel } from "./testing/tiny-model.ts";
import { tokenizerFromGguf } from "./tokenizer/tokenizer.ts";
import type { Tokenizer } from "./tokenizer/tokenizer.ts";

let llama: Llama;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1, progressLogs: false });
  folder = await temporaryFolder();
});

afterAll(async () => {
  await llama.dispose();
  await folder[Symbol.asyncDispose]();
});

interface Both {
  model: LlamaModel;
  tokenizer: Tokenizer;
}

async function load(path: string): Promise<Both> {
  const tokenizer = tokenizerFromGguf(await readGgufHeader(path));
  return { tokenizer, model: await llama.loadModel({ modelPath: path }) };
}

const specialPieces = ["<|im_start|>", "<|im_end|>", "<|im_"];

/** What pre-tokenizers and byte characters stumble over. */
const fragments = [
  ...specialPieces,
  "the",
  " the",
  "Größe",
  "’",
  "'s",
  "'LL",
  "'ſ",
  " ",
  "  ",
  "\n",
  "\r\n",
  "\t",
  "\u{0}",
  "\u{85}",
  "\u{a0}",
  "\u{feff}",
  "\u{200b}",
  "\u{2028}",
  "\u{3000}",
  "é",
  "e\u{301}",
  "漢字",
  "かな",
  "ﷺ",
  "🎉",
  "👩‍👩‍👧",
  "²",
  "½",
  "Ⅷ",
  "१",
  "12345",
  "!?",
  "...",
];

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.array(fc.constantFrom(...fragments), { maxLength: 25 }).map((parts) => parts.join("")),
);

describe("the tokenizer gives the engine's tokens", () => {
  test.each(["qwen2", "gpt-2", "llama-bpe"])("under the cut %s", async (pre) => {
    await writeTinyModel(folder.file("base.gguf"));
    const path = folder.file(`${pre}.gguf`);
    await alterModel(folder.file("base.gguf"), path, { metadata: { "tokenizer.ggml.pre": ["string", pre] } });
    const { model, tokenizer } = await load(path);
    try {
      expect(tokenizer.addBos).toBe(false);
      fc.assert(
        fc.property(anyText, (text) => {
          const wellFormed = text.toWellFormed();
          expect(tokenizer.encode(wellFormed)).toEqual(model.tokenize(wellFormed, false));
        }),
        { numRuns: 600 },
      );
    } finally {
      await model.dispose();
    }
  });

  test.each(["qwen2", "gpt-2", "llama-bpe"])("and agrees on the beginning token under %s", async (pre) => {
    await writeTinyModel(folder.file("base.gguf"));
    const path = folder.file(`beginning-${pre}.gguf`);
    const metadata: Alteration["metadata"] = {
      "tokenizer.ggml.pre": ["string", pre],
      "tokenizer.ggml.add_bos_token": null,
    };
    await alterModel(folder.file("base.gguf"), path, { metadata });
    const { model, tokenizer } = await load(path);
    try {
      expect(tokenizer.addBos).toBe(model.tokens.shouldPrependBosToken);
      expect(tokenizer.bosId).toBe(model.tokens.bos);
    } finally {
      await model.dispose();
    }
  });

  test("with tokens that are recognised in any text", async () => {
    const { tokens } = tinyTokenizer();
    const types = tokens.map((_, id): number => (id < 3 ? 3 : 1));
    const changed = tokens.with(398, "<think>").with(399, "<think>>");
    const metadata: Alteration["metadata"] = {
      "tokenizer.ggml.tokens": ["string[]", changed],
      "tokenizer.ggml.token_type": ["i32[]", types.with(398, 4).with(399, 4)],
    };
    await writeTinyModel(folder.file("base.gguf"));
    await alterModel(folder.file("base.gguf"), folder.file("user.gguf"), { metadata });
    const { model, tokenizer } = await load(folder.file("user.gguf"));
    try {
      for (const text of [
        "a <think> b",
        "<think><think>>",
        "<think",
        "<|im_end|><think>> x",
        "\n<think>\n",
      ]) {
        expect(tokenizer.encode(text)).toEqual(model.tokenize(text, false));
      }
      expect(tokenizer.encode("<think>>")).toEqual([399]);
      expect(tokenizer.decode(tokenizer.encode("a <think> b"))).toBe("a <think> b");
    } finally {
      await model.dispose();
    }
  });

  test("and its text, byte for byte, also with control tokens", async () => {
    await writeTinyModel(folder.file("text.gguf"));
    const { model, tokenizer } = await load(folder.file("text.gguf"));
    try {
      fc.assert(
        fc.property(anyText, (text) => {
          const ids = model.tokenize(text.toWellFormed(), false);
          expect(tokenizer.decode(ids)).toBe(model.detokenize(ids));
        }),
        { numRuns: 300 },
      );
      const messages = [{ role: "user", content: "Größe? <|im_end|> 🎉" }];
      const options = { messages, specialTokens: tokenizer.specialTokens.keys(), addGenerationPrompt: true };
      const segments = renderChat(
        validateModel(await readGgufHeader(folder.file("text.gguf"))).chatTemplate ?? "",
        options,
      );
      const ids = tokenizer.encodeSegments(segments);
      const engineIds = segments.flatMap((segment) =>
        "text" in segment ? model.tokenize(segment.text, false) : model.tokenize(segment.special, true),
      );
      expect(ids).toEqual(engineIds);
      expect(tokenizer.decode(ids, { special: true })).toBe(model.detokenize(engineIds, true));
    } finally {
      await model.dispose();
    }
  });
});

describe("models written here", () => {
  test.each<[ModelWriteType, boolean]>([
    ["F32", true],
    ["F16", true],
    ["Q8_0", true],
    ["F16", false],
    ["Q8_0", false],
  ])("in %s (tied: %s) load in the engine and generate", async (type, tied) => {
    const path = folder.file(`${type}-${tied}.gguf`);
    const shape = await writeTinyModel(path, { type, tied });
    const { model, tokenizer } = await load(path);
    try {
      expect(model.trainContextSize).toBe(shape.context);
      expect(model.tokens.eos).toBe(tokenizer.eosId);
      const context = await model.createContext({ contextSize: 64, threads: 1 });
      const generated: number[] = [];
      const options = { temperature: 0, yieldEogToken: true };
      for await (const token of context.getSequence().evaluate(model.tokenize("the quick", false), options)) {
        generated.push(token);
        if (generated.length === 8) break;
      }
      expect(generated.length).toBe(8);
      expect(generated.every((id) => id >= 0 && id < shape.vocabulary)).toBe(true);
    } finally {
      await model.dispose();
    }
  });
});

describe("adapters written here", () => {
  test("change the engine's answer as merging them into the weights does", async () => {
    const shape = await writeTinyModel(folder.file("plain.gguf"));
    const tensors = [
      adapter("blk.0.attn_q.weight", shape.dim, shape.dim),
      adapter("blk.1.ffn_down.weight", shape.ffn, shape.dim),
    ];
    const alpha = 6;
    const filePath = folder.file("adapter.gguf");
    await writeLoraGguf(filePath, { architecture: "llama", alpha, tensors, type: "F32" });
    const weights = tinyWeights(shape);
    const merged = tensors.map((tensor) =>
      merge(tensor, alpha, weights.get(tensor.name) ?? new Float32Array()),
    );
    await alterModel(folder.file("plain.gguf"), folder.file("merged.gguf"), { tensors: merged });
    const plain = await greedy(folder.file("plain.gguf"));
    const adapted = await greedy(folder.file("plain.gguf"), filePath);
    expect(adapted).toEqual(await greedy(folder.file("merged.gguf")));
    expect(adapted).not.toEqual(plain);
  });
});

function adapter(name: string, inputs: number, out: number): LoraTensor {
  const rank = 3;
  const a = Float32Array.from({ length: rank * inputs }, (_, index) => Math.sin(index * 7.3));
  const b = Float32Array.from({ length: out * rank }, (_, index) => Math.cos(index * 3.1));
  return { name, a, b, rank, in: inputs, out };
}

/** The weight with the adapter added: W + alpha / rank · B · A. */
function merge(
  { name, a, b, rank, in: inputs, out }: LoraTensor,
  alpha: number,
  weight: Float32Array,
): GgufTensorToWrite {
  const data = weight.slice();
  for (let row = 0; row < out; row++) {
    for (let column = 0; column < inputs; column++) {
      let change = 0;
      for (let r = 0; r < rank; r++) change += (b[row * rank + r] ?? 0) * (a[r * inputs + column] ?? 0);
      data[row * inputs + column] = (data[row * inputs + column] ?? 0) + (alpha / rank) * change;
    }
  }
  return { name, shape: [out, inputs], type: "F32", data };
}

async function greedy(modelPath: string, adapterPath?: string): Promise<number[]> {
  const model = await llama.loadModel({ modelPath });
  try {
    const lora =
      adapterPath === undefined ? {} : { lora: { adapters: [{ filePath: adapterPath, scale: 1 }] } };
    const context = await model.createContext({ contextSize: 64, threads: 1, ...lora });
    const generated: number[] = [];
    const prompt = model.tokenize("the quick brown fox", false);
    for await (const token of context
      .getSequence()
      .evaluate(prompt, { temperature: 0, yieldEogToken: true })) {
      generated.push(token);
      if (generated.length === 12) break;
    }
    return generated;
  } finally {
    await model.dispose();
  }
}

/** Odd models of every family. */
function oddFamilies(name: string, shape: DecoderShape): [string, Alteration][] {
  const key = (rest: string) => `${name}.${rest}`;
  const vectors = (tensor: string, width: number): Alteration => ({
    tensors: [{ name: tensor, shape: [width], type: "F32", data: new Float32Array(width).fill(2) }],
  });
  return [
    ["a narrower rotation", { metadata: { [key("rope.dimension_count")]: ["u32", 8] } }],
    ["other value sizes", { metadata: { [key("attention.value_length")]: ["u32", 8] } }],
    ["an endless window", { metadata: { [key("attention.sliding_window")]: ["u32", 2 ** 32 - 1] } }],
    ["no period of windows", { metadata: { [key("attention.sliding_window_pattern")]: ["u32", 0] } }],
    [
      "caps of 0",
      {
        metadata: {
          [key("attn_logit_softcapping")]: ["f32", 0],
          [key("final_logit_softcapping")]: ["f32", 0],
        },
      },
    ],
    ["a layer without its bias", { without: ["blk.0.attn_q.bias"] }],
    ["divided frequencies", vectors("rope_freqs.weight", shape.headDim / 2)],
  ];
}

/** Odd, but accepted by `validateModel`: none may end the engine's process. */
const odd: [string, Alteration][] = [
  ["sizes by layer", { metadata: { "llama.attention.head_count": ["u32[]", [4, 4]] } }],
  [
    "stretched positions",
    { metadata: { "llama.rope.scaling.type": ["string", "yarn"], "llama.rope.scaling.factor": ["f32", 4] } },
  ],
  ["a narrower rotation", { metadata: { "llama.rope.dimension_count": ["u32", 8] } }],
  ["other value sizes", { metadata: { "llama.attention.value_length": ["u32", 8] } }],
  [
    "experts without weights",
    { metadata: { "llama.expert_count": ["u32", 8], "llama.expert_used_count": ["u32", 2] } },
  ],
  ["an unknown cut", { metadata: { "tokenizer.ggml.pre": ["string", "bogus"] } }],
  [
    "merges that are no pairs",
    { metadata: { "tokenizer.ggml.merges": ["string[]", ["nospace", "", " ", "a b c"]] } },
  ],
  [
    "tokens that are all unused",
    { metadata: { "tokenizer.ggml.token_type": ["i32[]", Array<number>(400).fill(5)] } },
  ],
  [
    "unknown token types",
    { metadata: { "tokenizer.ggml.token_type": ["i32[]", Array<number>(400).fill(99)] } },
  ],
  [
    "weights of NaN",
    {
      tensors: [
        {
          name: "blk.0.attn_q.weight",
          shape: [64, 64],
          type: "F32",
          data: new Float32Array(4096).fill(Number.NaN),
        },
      ],
    },
  ],
  [
    "a padding token past the vocabulary",
    { metadata: { "tokenizer.ggml.padding_token_id": ["u32", 99_999] } },
  ],
  ["a missing tensor", { without: ["blk.1.ffn_up.weight"] }],
];

describe("what validateModel accepts", () => {
  test("the engine loads or refuses, and lives", async () => {
    await writeTinyModel(folder.file("base.gguf"));
    const paths: string[] = [];
    for (const [name, change] of odd) {
      const path = folder.file(`${name}.gguf`);
      await alterModel(folder.file("base.gguf"), path, change);
      expect(validateModel(await readGgufHeader(path)).architecture).toBe("llama");
      paths.push(path);
    }
    await loadInChild(paths, (count) => odd[count]?.[0]);
  });

  test("of each family, too", async () => {
    const paths: string[] = [];
    for (const { name, shape: wanted } of tinyFamilies) {
      if (name !== traitsOf(wanted).architecture) continue;
      const tokenizer = tinyTokenizer();
      const shape = { ...wanted, vocabulary: tokenizer.tokens.length };
      const model = { shape, name, tokenizer, chatTemplate: "", weights: tinyWeights(shape) };
      await writeDecoderModel(folder.file("family.gguf"), { ...model, type: "F32" });
      for (const [what, change] of oddFamilies(name, shape)) {
        const path = folder.file(`${name}, ${what}.gguf`);
        await alterModel(folder.file("family.gguf"), path, change);
        const valid = await validates(path);
        if (what === "a narrower rotation") {
          expect({ name, valid }).toEqual({ name, valid: !/qwen|smollm3|mistral3/u.test(name) });
        }
        if (valid) paths.push(path);
      }
    }
    expect(paths.length).toBeGreaterThan(40);
    await loadInChild(paths, (count) => paths[count]);
  }, 300_000);
});

async function validates(path: string): Promise<boolean> {
  try {
    validateModel(await readGgufHeader(path));
    return true;
  } catch (error) {
    if (error instanceof ModelFileInvalid) return false;
    throw error;
  }
}

/** Loads the models in a process of their own, which has to see the last of them. */
async function loadInChild(
  paths: readonly string[],
  nameOf: (index: number) => string | undefined,
): Promise<void> {
  const outcomes: unknown[] = [];
  const child = fork(join(import.meta.dirname, "testing/load-models.ts"), paths, {
    execArgv: [],
    silent: true,
  });
  child.on("message", (outcome) => outcomes.push(outcome));
  const [code, signal] = await once(child, "close");
  expect({ code, signal, last: nameOf(outcomes.length) }).toEqual({
    code: 0,
    signal: null,
    last: undefined,
  });
  expect(outcomes).toContainEqual({ loaded: true });
  expect(outcomes).toContainEqual({ loaded: false });
}
