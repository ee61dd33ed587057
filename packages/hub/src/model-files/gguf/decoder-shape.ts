/** The linear layers of a block, by their GGUF names; every family has these seven. */
export const linearNames = [
  "attn_q",
  "attn_k",
  "attn_v",
  "attn_output",
  "ffn_gate",
  "ffn_up",
  "ffn_down",
] as const;
export type LinearName = (typeof linearNames)[number];

/** Sizes of a decoder-only transformer, and how it departs from a plain Llama. */
export interface DecoderShape {
  /** Rows of the embedding. */
  vocabulary: number;
  dim: number;
  layers: number;
  heads: number;
  kvHeads: number;
  headDim: number;
  /** Width of the feed-forward layer. */
  ffn: number;
  /** Epsilon of the RMS norms. */
  normEps: number;
  ropeTheta: number;
  /** Longest sequence, in tokens. */
  context: number;
  /** The output projection is the embedding itself. */
  tied: boolean;
  /** What differs from {@link plainLlama}; absent: nothing does. */
  traits?: Partial<DecoderTraits>;
}

/** What models of one size differ in by their family. */
export interface DecoderTraits {
  /** `general.architecture`: the engine builds its own graph by it. */
  architecture: string;
  /** Rotary pairs: (2i, 2i+1) or (i, i + headDim/2), which ggml calls NEOX. */
  rotation: "interleaved" | "halves";
  /** Of the feed-forward layer's gate; `gelu` in its tanh form. */
  activation: "silu" | "gelu";
  /** Linear layers with a bias. */
  biases: readonly LinearName[];
  /** RMS norms over each head of q and k, before the rotation. */
  queryKeyNorms: boolean;
  /** RMS norms over what attention and feed-forward give, before it is added to the stream. */
  postNorms: boolean;
  /** Factor on the embedding's rows. */
  embeddingScale: number;
  /** Factor on the products of q and k; null: 1/√headDim. */
  attentionScale: number | null;
  /** c in c·tanh(x/c) over the attention's scores; null: none. */
  attentionCap: number | null;
  /** c in c·tanh(x/c) over the logits; null: none. */
  logitCap: number | null;
  /** Every so-manieth layer does not rotate; 0: all do. */
  unrotatedEvery: number;
  ropeScaling: RopeScaling | null;
  sliding: SlidingLayers | null;
}

/** How positions are stretched beyond those that a model was first trained for. */
export interface RopeScaling {
  /** Positions count this much: 1 / the stated factor. */
  positionScale: number;
  /** Divisor of each pair's frequency (Llama 3.1), `[headDim / 2]`; null: 1. */
  factors: readonly number[] | null;
  /** Factor on the rotated values. */
  magnitude: number;
  /** Stretches low frequencies only (Peng et al., 2023); null: all are stretched alike. */
  yarn: YarnRamp | null;
}

/** Between which frequencies YaRN goes over from the one to the other. */
export interface YarnRamp {
  /** Tokens of the context before it was stretched. */
  originalContext: number;
  /** Turns within that context above which a pair is left alone. */
  betaFast: number;
  /** Turns below which a pair is stretched by the whole factor. */
  betaSlow: number;
  /** mscale_all_dim in its authors' code; null where not stated. Decides the magnitude. */
  logMultiplier: number | null;
}

/** Layers that see the last tokens only: all but each last one of a period. */
export interface SlidingLayers {
  /** Tokens that a position sees, itself included. */
  window: number;
  period: number;
  /** Base of their rotation. */
  ropeTheta: number;
  /** Whether their positions are stretched as those of the other layers. */
  scaled: boolean;
}

/** The traits of Llama 2 (Touvron et al., 2023). */
export const plainLlama: Readonly<DecoderTraits> = {
  architecture: "llama",
  rotation: "interleaved",
  activation: "silu",
  biases: [],
  queryKeyNorms: false,
  postNorms: false,
  embeddingScale: 1,
  attentionScale: null,
  attentionCap: null,
  logitCap: null,
  unrotatedEvery: 0,
  ropeScaling: null,
  sliding: null,
};

/** Every trait of a shape. */
export function traitsOf({
  traits,
}: {
  readonly traits?: Partial<DecoderTraits> | undefined;
}): DecoderTraits {
  return { ...plainLlama, ...traits };
}

/** Tokens that a position of a layer sees, itself included; null: all before it. */
export function windowAt({ sliding }: DecoderTraits, layer: number): number | null {
  return sliding !== null && layer % sliding.period < sliding.period - 1 ? sliding.window : null;
}

/** Name and row-major shape of every tensor that a model of this shape learns, in file order. */
export function decoderTensors(shape: DecoderShape): Map<string, number[]> {
  const { dim, ffn, vocabulary, headDim } = shape;
  const { biases, queryKeyNorms, postNorms } = traitsOf(shape);
  const queries = shape.heads * headDim;
  const keys = shape.kvHeads * headDim;
  const tensors = new Map<string, number[]>();
  tensors.set("token_embd.weight", [vocabulary, dim]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `blk.${layer}`;
    const linear = (name: LinearName, out: number, inputs: number) => {
      tensors.set(`${block}.${name}.weight`, [out, inputs]);
      if (biases.includes(name)) tensors.set(`${block}.${name}.bias`, [out]);
    };
    const norm = (name: string, width: number) => tensors.set(`${block}.${name}.weight`, [width]);
    norm("attn_norm", dim);
    linear("attn_q", queries, dim);
    linear("attn_k", keys, dim);
    linear("attn_v", keys, dim);
    if (queryKeyNorms) norm("attn_q_norm", headDim);
    if (queryKeyNorms) norm("attn_k_norm", headDim);
    linear("attn_output", dim, queries);
    if (postNorms) norm("post_attention_norm", dim);
    norm("ffn_norm", dim);
    linear("ffn_gate", ffn, dim);
    linear("ffn_up", ffn, dim);
    linear("ffn_down", dim, ffn);
    if (postNorms) norm("post_ffw_norm", dim);
  }
  tensors.set("output_norm.weight", [dim]);
  if (!shape.tied) tensors.set("output.weight", [vocabulary, dim]);
  return tensors;
}

/** The tensor of Llama 3.1's frequency divisors: part of a file, and never trained. */
export const ropeFactorsName = "rope_freqs.weight";
