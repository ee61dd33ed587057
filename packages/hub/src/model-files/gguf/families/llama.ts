import { linearNames } from "../decoder-shape.ts";
import type { DecoderFamily } from "./family.ts";

/**
 * Llama 1 to 3, and what is written in its form: Mistral 7B, SmolLM and SmolLM2, TinyLlama, Yi.
 * Source: llama.cpp, src/models/llama.cpp.
 */
export const llama: DecoderFamily = {
  rotation: "interleaved",
  activation: "silu",
  biases: linearNames,
  queryKeyNorms: false,
  postNorms: false,
  ownHead: true,
  scaledEmbedding: false,
  unrotatedEvery: 0,
  ropeFactors: true,
  yarn: "plain",
  temperature: false,
  attentionCap: null,
  logitCap: null,
  sliding: null,
  scaleByWidthAt: [],
};

/** Ministral 3 and later: Llama with YaRN, and queries that grow with far positions. Source: src/models/mistral3.cpp. */
export const mistral3: DecoderFamily = {
  ...llama,
  biases: [],
  yarn: "tunable",
  temperature: true,
};

/** SmolLM3: every fourth layer does not rotate (NoPE). Source: src/models/smollm3.cpp. */
export const smollm3: DecoderFamily = {
  ...llama,
  biases: [],
  unrotatedEvery: 4,
  ropeFactors: false,
};
