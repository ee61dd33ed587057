import { chatmlTemplate } from "../../packages/hub/src/model-files/chat-template.ts";
import { elementCount } from "../../packages/hub/src/model-files/gguf/format.ts";
import { decoderTensors, writeDecoderModel } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import type { DecoderShape, ModelWriteType } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import type { TensorSource } from "../../packages/hub/src/model-files/gguf/write.ts";
import { syntheticTokenizer } from "./synthetic-tokenizer.ts";

/** Sizes to choose by name; `0.5b` is that of the small models people run (386 million numbers). */
export const presets = {
  tiny: {
    vocabulary: 512,
    dim: 64,
    layers: 2,
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    ffn: 128,
    normEps: 1e-5,
    ropeTheta: 10_000,
    context: 512,
    tied: true,
  },
  "0.5b": {
    vocabulary: 32_000,
    dim: 896,
    layers: 24,
    heads: 14,
    kvHeads: 2,
    headDim: 64,
    ffn: 4864,
    normEps: 1e-6,
    ropeTheta: 1_000_000,
    context: 32_768,
    tied: true,
  },
} as const satisfies Record<string, DecoderShape>;

export interface RandomModel {
  preset: keyof typeof presets | DecoderShape;
  type: ModelWriteType;
  seed: number;
  /** Standard deviation of the embedding, 1 by default; a tied head of that size says everything with certainty. */
  embeddingDeviation?: number;
}

/**
 * Writes a Llama-architecture model of random weights in real shapes, with a byte-level tokenizer of
 * that size and the ChatML template. Equal options, equal bytes; memory stays flat whatever the size.
 */
export async function makeRandomModel(path: string, options: RandomModel): Promise<void> {
  const shape: DecoderShape = typeof options.preset === "string" ? presets[options.preset] : options.preset;
  const weights = new Map<string, TensorSource>();
  for (const [index, [name, dimensions]] of [...decoderTensors(shape)].entries()) {
    const elements = elementCount(dimensions);
    if (dimensions.length === 1) weights.set(name, new Float32Array(elements).fill(1));
    else {
      const deviation =
        name === "token_embd.weight"
          ? (options.embeddingDeviation ?? 1)
          : 1 / Math.sqrt(dimensions.at(-1) ?? 1);
      weights.set(name, () => noise(elements, deviation, options.seed * 65_537 + index));
    }
  }
  const name = typeof options.preset === "string" ? options.preset : "custom";
  await writeDecoderModel(path, {
    shape,
    name: `random-${name}`,
    tokenizer: syntheticTokenizer(shape.vocabulary),
    chatTemplate: chatmlTemplate,
    weights,
    type: options.type,
  });
}

const pieceElements = 2 ** 18;

/** Evenly distributed numbers around 0 with this standard deviation, the same for the same seed (xorshift32). */
function* noise(elements: number, deviation: number, seed: number): Generator<Float32Array> {
  const reach = deviation * Math.sqrt(3);
  const factor = reach / 2 ** 31;
  let state = Math.imul(seed, 0x9e3779b1) ^ 0x85ebca6b || 1;
  for (let round = 0; round < 16; round++) state = next(state);
  for (let done = 0; done < elements; done += pieceElements) {
    const piece = new Float32Array(Math.min(pieceElements, elements - done));
    for (let index = 0; index < piece.length; index++) {
      state = next(state);
      piece[index] = state * factor;
    }
    yield piece;
  }
}

/** One step of Marsaglia's xorshift generator on 32 bits; never 0. */
function next(state: number): number {
  let word = state;
  word ^= word << 13;
  word ^= word >>> 17;
  word ^= word << 5;
  return word;
}
