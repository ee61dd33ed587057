import type { DecoderShape, DecoderTraits } from "../../../../model-files/gguf/decoder-shape.ts";
import { decoderTensors } from "../../../../model-files/gguf/decoder-shape.ts";
import { elementCount } from "../graph/value.ts";
import type { Batch, ProgramSpec, Weights } from "../program.ts";

/** A model small enough to train in milliseconds, with grouped queries. */
export const tinyShape: DecoderShape = {
  vocabulary: 48,
  dim: 32,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  ffn: 64,
  normEps: 1e-5,
  ropeTheta: 10000,
  context: 16,
  tied: true,
};

/** Traits that between them take every operation that only some families have. */
export const familyShapes: readonly (readonly [string, Partial<DecoderTraits>])[] = [
  ["biases and halves", { rotation: "halves", biases: ["attn_q", "attn_k", "attn_v", "ffn_down"] }],
  [
    "norms, caps, windows and GELU",
    {
      rotation: "halves",
      activation: "gelu",
      queryKeyNorms: true,
      postNorms: true,
      embeddingScale: 6,
      attentionScale: 0.4,
      attentionCap: 1.5,
      logitCap: 4,
      sliding: { window: 5, period: 2, ropeTheta: 1000, scaled: false },
    },
  ],
];

/** Deterministic weights without a random stream: sines of incommensurable frequencies. */
export function tinyWeights(shape: DecoderShape = tinyShape): Weights {
  const extents = decoderTensors(shape);
  return {
    shape,
    read: async (name) => {
      const own = extents.get(name) ?? [];
      const phase =
        Array.from(name, (letter) => letter.charCodeAt(0)).reduce((sum, code) => sum + code, 0) * 0.7;
      return Float32Array.from({ length: elementCount(own) }, (_, i) =>
        own.length === 1 ? 1 + 0.1 * Math.sin(i + phase) : 0.2 * Math.sin(i * i * 0.01 + i * 1.618 + phase),
      );
    },
  };
}

/** A program of the tiny model; any part of the specification can be replaced. */
export function tinySpec(changes: Partial<ProgramSpec> = {}): ProgramSpec {
  return {
    weights: tinyWeights(),
    batchSize: 2,
    sequenceLength: 16,
    train: { kind: "full" },
    optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1, clipNorm: 1 },
    accumulate: 1,
    provider: "cpu",
    threads: 1,
    ...changes,
  };
}

/** Batch number `index` of an endless, deterministic supply; every fifth target is masked. */
export function tinyBatch(
  index: number,
  sequences = 2,
  length = 16,
  vocabulary = tinyShape.vocabulary,
): Batch {
  const tokens = Int32Array.from(
    { length: sequences * length },
    (_, i) => ((i + index * 13) * 7 + 3) % vocabulary,
  );
  const targets = tokens.map((token, i) => ((i + index) % 5 === 0 ? -1 : (token * 5 + 1) % vocabulary));
  return { tokens, targets };
}
