import type { DecoderShape, RopeScaling, SlidingLayers } from "./decoder-shape.ts";
import { traitsOf } from "./decoder-shape.ts";
import type { GgufEntry } from "./write.ts";

/** The metadata that states a shape's traits; none for a plain Llama. Most follow from the architecture alone. */
export function traitMetadata(shape: DecoderShape): GgufEntry[] {
  const { architecture, attentionCap, logitCap, ropeScaling, sliding } = traitsOf(shape);
  const entries: GgufEntry[] = [];
  if (attentionCap !== null) entries.push(["attn_logit_softcapping", "f32", attentionCap]);
  if (logitCap !== null) entries.push(["final_logit_softcapping", "f32", logitCap]);
  if (sliding !== null) entries.push(...slidingMetadata(sliding));
  if (ropeScaling !== null) entries.push(...scalingMetadata(ropeScaling));
  return entries.map(([key, type, value]) => [`${architecture}.${key}`, type, value]);
}

function slidingMetadata({ window, period, ropeTheta }: SlidingLayers): GgufEntry[] {
  return [
    ["attention.sliding_window", "u32", window],
    ["attention.sliding_window_pattern", "u32", period],
    ["rope.freq_base_swa", "f32", ropeTheta],
  ];
}

function scalingMetadata({ positionScale, yarn }: RopeScaling): GgufEntry[] {
  if (yarn === null) {
    if (positionScale === 1) return [];
    return [
      ["rope.scaling.type", "string", "linear"],
      ["rope.scaling.factor", "f32", 1 / positionScale],
    ];
  }
  const { originalContext, betaFast, betaSlow, logMultiplier } = yarn;
  return [
    ["rope.scaling.type", "string", "yarn"],
    ["rope.scaling.factor", "f32", 1 / positionScale],
    ["rope.scaling.original_context_length", "u32", originalContext],
    ...(logMultiplier === null
      ? []
      : ([
          ["rope.scaling.yarn_beta_fast", "f32", betaFast],
          ["rope.scaling.yarn_beta_slow", "f32", betaSlow],
          ["rope.scaling.yarn_log_multiplier", "f32", logMultiplier],
        ] satisfies GgufEntry[])),
  ];
}
