import type { DecoderTraits, LinearName } from "../decoder-shape.ts";

/** What the models of one architecture have in common, as llama.cpp computes them. */
export interface DecoderFamily {
  readonly rotation: DecoderTraits["rotation"];
  readonly activation: DecoderTraits["activation"];
  /** Linear layers that may have a bias, in every layer or in none. */
  readonly biases: readonly LinearName[];
  readonly queryKeyNorms: boolean;
  readonly postNorms: boolean;
  /** Whether a model may have an output head beside its embedding. */
  readonly ownHead: boolean;
  /** Whether the embedding's rows are multiplied by √dim. */
  readonly scaledEmbedding: boolean;
  /** Every so-manieth layer does not rotate; 0: all do. */
  readonly unrotatedEvery: number;
  /** Whether divisors of the frequencies (`rope_freqs.weight`) count. */
  readonly ropeFactors: boolean;
  /** Whether YaRN is computed, and whether its ramp and magnitude can be stated. */
  readonly yarn: "no" | "plain" | "tunable";
  /** Whether queries are scaled by the logarithm of far positions when `attention.temperature_scale` says so. */
  readonly temperature: boolean;
  /** Cap of the attention's scores where none is stated; null: there is none, whatever is stated. */
  readonly attentionCap: number | null;
  /** Cap of the logits where none is stated: 0 for none; null: there is none, whatever is stated. */
  readonly logitCap: number | null;
  readonly sliding: FamilyWindow | null;
  /** Numbers of layers at which the attention's scale is 1/√⌊dim / heads⌋ instead of 1/√headDim. */
  readonly scaleByWidthAt: readonly number[];
}

/** The sliding layers of a family. */
export interface FamilyWindow {
  /** Where none is stated; null: then no layer slides. */
  readonly window: number | null;
  /** Where none is stated. */
  readonly period: number;
  /** Base of their rotation where none is stated; null: that of the other layers. */
  readonly ropeTheta: number | null;
  /** Whether their positions are stretched as those of the other layers. */
  readonly scaled: boolean;
}
