import type { DecoderShape, DecoderTraits, RopeScaling } from "../gguf/decoder-shape.ts";
import { linearNames } from "../gguf/decoder-shape.ts";
import { tinyShape as sizes } from "./tiny-model.ts";

/** A model of one family in sizes for tests. */
export interface TinyFamily {
  readonly name: string;
  readonly shape: DecoderShape;
}

const tinyShape: DecoderShape = { ...sizes, vocabulary: 300, context: 96 };

function variant(
  name: string,
  traits: Partial<DecoderTraits>,
  changed: Partial<DecoderShape> = {},
): TinyFamily {
  return { name, shape: { ...tinyShape, ...changed, traits } };
}

const untied = { tied: false };
/** Heads that together are not as wide as the model. */
const wideHeads = { headDim: 24 };
const linear: RopeScaling = { positionScale: 0.25, factors: null, magnitude: 1, yarn: null };
const yarn: RopeScaling = {
  positionScale: 0.25,
  factors: null,
  magnitude: 0.1 * Math.log(4) + 1,
  yarn: { originalContext: 24, betaFast: 32, betaSlow: 1, logMultiplier: null },
};
const divided: RopeScaling = { ...linear, positionScale: 1, factors: [1, 1, 1, 1.5, 2.5, 4, 8, 8] };

const qwen2: Partial<DecoderTraits> = {
  architecture: "qwen2",
  rotation: "halves",
  biases: ["attn_q", "attn_k", "attn_v"],
};
const qwen3: Partial<DecoderTraits> = { architecture: "qwen3", rotation: "halves", queryKeyNorms: true };
const gemma: Partial<DecoderTraits> = {
  architecture: "gemma",
  rotation: "halves",
  activation: "gelu",
  embeddingScale: Math.sqrt(tinyShape.dim),
};
// Caps low enough to bend the scores and logits of random weights.
const gemma2: Partial<DecoderTraits> = {
  ...gemma,
  architecture: "gemma2",
  postNorms: true,
  attentionCap: 1.5,
  logitCap: 4,
  sliding: { window: 8, period: 2, ropeTheta: tinyShape.ropeTheta, scaled: true },
};
const gemma3: Partial<DecoderTraits> = {
  ...gemma,
  architecture: "gemma3",
  queryKeyNorms: true,
  postNorms: true,
  sliding: { window: 8, period: 6, ropeTheta: 10_000, scaled: false },
};
const farTheta = { ropeTheta: 1_000_000 };
const six = { layers: 6 };
/** dim / heads of the largest Gemmas, which is not the head's width. */
const byWidth = { attentionScale: Math.floor(tinyShape.dim / tinyShape.heads) ** -0.5 };

/** Every family that can be trained, in each of its forms. */
export const tinyFamilies: readonly TinyFamily[] = [
  { name: "llama", shape: tinyShape },
  variant("llama, own head, wide heads", {}, { ...untied, ...wideHeads }),
  variant("llama, biases", { biases: [...linearNames] }),
  variant("llama, positions stretched linearly", { ropeScaling: linear }),
  variant("llama, frequencies divided", { ropeScaling: divided }),
  variant("llama, YaRN", { ropeScaling: yarn }),
  variant("mistral3", { architecture: "mistral3" }, untied),
  variant("mistral3, YaRN with its magnitude", {
    architecture: "mistral3",
    ropeScaling: {
      ...yarn,
      magnitude: 1,
      yarn: { originalContext: 24, betaFast: 4, betaSlow: 1, logMultiplier: 1 },
    },
  }),
  variant("smollm3", { architecture: "smollm3", unrotatedEvery: 4 }, { layers: 4 }),
  variant("qwen2", qwen2),
  variant("qwen2, own head", qwen2, untied),
  variant("qwen2, YaRN", { ...qwen2, ropeScaling: yarn }),
  variant("qwen3", qwen3, { ...wideHeads, ...farTheta }),
  variant("qwen3, own head", qwen3, untied),
  variant("gemma", gemma, { ...wideHeads, kvHeads: 1 }),
  variant("gemma2", gemma2, { ...wideHeads, layers: 4 }),
  variant("gemma2, positions stretched linearly", { ...gemma2, ropeScaling: linear }),
  variant("gemma3", gemma3, { ...wideHeads, ...six, ...farTheta }),
  variant("gemma3, own head", gemma3, { ...untied, ...farTheta }),
  variant(
    "gemma3, every third layer sees all, positions stretched linearly",
    {
      ...gemma3,
      ropeScaling: linear,
      sliding: { window: 8, period: 3, ropeTheta: 5_000, scaled: false },
    },
    { ...farTheta, layers: 3 },
  ),
  variant(
    "gemma3 that sees all everywhere, logits capped",
    { ...gemma3, sliding: null, logitCap: 4 },
    farTheta,
  ),
];

/** Those whose number of layers decides something. */
export const deepFamilies: readonly TinyFamily[] = [
  variant("gemma2 in the layers of its 27B", { ...gemma2, ...byWidth }, { ...wideHeads, layers: 46 }),
  variant(
    "gemma3 in the layers of its 27B",
    { ...gemma3, ...byWidth },
    { ...wideHeads, ...farTheta, layers: 62 },
  ),
];
