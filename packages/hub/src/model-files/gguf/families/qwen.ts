import type { DecoderFamily } from "./family.ts";
import { llama } from "./llama.ts";

/** Qwen 2 and 2.5. Source: llama.cpp, src/models/qwen2.cpp. */
export const qwen2: DecoderFamily = {
  ...llama,
  rotation: "halves",
  biases: ["attn_q", "attn_k", "attn_v"],
  ropeFactors: false,
};

/** Qwen 3: no biases, norms over the heads of q and k. Source: src/models/qwen3.cpp. */
export const qwen3: DecoderFamily = {
  ...qwen2,
  biases: [],
  queryKeyNorms: true,
};
