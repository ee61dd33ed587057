import type { DecoderFamily } from "./family.ts";
import { llama } from "./llama.ts";

/**
 * Gemma 1. The weights of its norms are stored with the 1 that is added to them.
 * Source: llama.cpp, src/models/gemma.cpp.
 */
export const gemma: DecoderFamily = {
  ...llama,
  rotation: "halves",
  activation: "gelu",
  biases: [],
  ownHead: false,
  scaledEmbedding: true,
  ropeFactors: false,
  yarn: "no",
};

/** Gemma 2; its 27B has 46 layers. Source: src/models/gemma2.cpp. */
export const gemma2: DecoderFamily = {
  ...gemma,
  postNorms: true,
  attentionCap: 50,
  logitCap: 30,
  sliding: { window: 4096, period: 2, ropeTheta: null, scaled: true },
  scaleByWidthAt: [46],
};

/** Gemma 3; its 27B has 62 layers. Source: src/models/gemma3.cpp. */
export const gemma3: DecoderFamily = {
  ...gemma,
  ownHead: true,
  queryKeyNorms: true,
  postNorms: true,
  logitCap: 0,
  sliding: { window: null, period: 6, ropeTheta: 10_000, scaled: false },
  scaleByWidthAt: [62],
};
