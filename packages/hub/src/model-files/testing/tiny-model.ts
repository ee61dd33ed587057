import { chatmlTemplate } from "../chat-template.ts";
import { elementCount } from "../gguf/format.ts";
import { decoderTensors, writeDecoderModel } from "../gguf/decoder-model.ts";
import type { DecoderShape } from "../gguf/decoder-model.ts";
import type { GgufWriteType } from "../gguf/write.ts";
import { trainTokenizer } from "../tokenizer/train.ts";
import type { TokenizerFile } from "../tokenizer/train.ts";

/** A shape small enough for a test and divisible enough for every type. */
export const tinyShape: Omit<DecoderShape, "vocabulary"> = {
  dim: 64,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 16,
  ffn: 96,
  normEps: 1e-5,
  ropeTheta: 10_000,
  context: 256,
  tied: true,
};

const specialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

export function tinyTokenizer(): TokenizerFile {
  const texts = [
    "The quick brown fox jumps over the lazy dog, and then it can't stop: it's 12:45 in 2031!",
    "Größe, naïve café, élan. Привет, мир! 你好，世界。 こんにちは 🎉👩‍👩‍👧 עברית العربية",
    "for (let i = 0; i < 10; i++) {\n  print(i);\n}\n",
  ];
  return trainTokenizer(texts, {
    vocabularySize: 400,
    specialTokens,
    eos: "<|im_end|>",
    bos: "<|endoftext|>",
  });
}

/** The weights of a tiny model: a fixed sequence that looks random. */
export function tinyWeights(shape: DecoderShape): Map<string, Float32Array> {
  let state = 1;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  return new Map(
    [...decoderTensors(shape)].map(([name, dimensions]) => {
      const isNorm = dimensions.length === 1;
      return [name, Float32Array.from({ length: elementCount(dimensions) }, () => (isNorm ? 1 : next()))];
    }),
  );
}

/** Writes a tiny model and gives its shape. */
export async function writeTinyModel(
  path: string,
  options: { type?: GgufWriteType; tied?: boolean; chatTemplate?: string } = {},
): Promise<DecoderShape> {
  const tokenizer = tinyTokenizer();
  const shape = { ...tinyShape, vocabulary: tokenizer.tokens.length, tied: options.tied ?? true };
  await writeDecoderModel(path, {
    shape,
    name: "tiny",
    tokenizer,
    chatTemplate: options.chatTemplate ?? chatmlTemplate,
    weights: tinyWeights(shape),
    type: options.type ?? "F32",
  });
  return shape;
}
