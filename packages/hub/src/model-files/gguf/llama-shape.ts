import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { GgufHeader } from "./format.ts";
import { maxLayers } from "./validate.ts";

/** Sizes of a Llama-architecture model. */
export interface LlamaShape {
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
}

/** Name and row-major shape of every tensor that a model of this shape consists of, in file order. */
export function llamaTensors(shape: LlamaShape): Map<string, number[]> {
  const { dim, ffn, vocabulary } = shape;
  const queries = shape.heads * shape.headDim;
  const keys = shape.kvHeads * shape.headDim;
  const tensors = new Map<string, number[]>();
  tensors.set("token_embd.weight", [vocabulary, dim]);
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `blk.${layer}`;
    tensors.set(`${block}.attn_norm.weight`, [dim]);
    tensors.set(`${block}.attn_q.weight`, [queries, dim]);
    tensors.set(`${block}.attn_k.weight`, [keys, dim]);
    tensors.set(`${block}.attn_v.weight`, [keys, dim]);
    tensors.set(`${block}.attn_output.weight`, [dim, queries]);
    tensors.set(`${block}.ffn_norm.weight`, [dim]);
    tensors.set(`${block}.ffn_gate.weight`, [ffn, dim]);
    tensors.set(`${block}.ffn_up.weight`, [ffn, dim]);
    tensors.set(`${block}.ffn_down.weight`, [dim, ffn]);
  }
  tensors.set("output_norm.weight", [dim]);
  if (!shape.tied) tensors.set("output.weight", [vocabulary, dim]);
  return tensors;
}

/**
 * The shape of a Llama-architecture model, for the trainer: everything that the trainer computes
 * is known and everything in the file is something that it computes.
 *
 * Errors: {@link ModelFileInvalid} for another architecture, impossible sizes, missing, misshapen
 * or unexpected tensors, and RoPE scaling.
 */
export function llamaShape(header: GgufHeader): LlamaShape {
  const { metadata } = header;
  const architecture = metadata.string("general.architecture");
  if (architecture !== "llama") {
    throw new ModelFileInvalid(
      `Only models of the llama architecture can be trained here; this one is ${quoted(architecture)}.`,
      { details: { architecture } },
    );
  }
  refuseRopeScaling(header);
  const dim = size(header, "llama.embedding_length", 2 ** 20);
  const layers = size(header, "llama.block_count", maxLayers);
  const heads = size(header, "llama.attention.head_count", dim);
  const kvHeads = optionalSize(header, "llama.attention.head_count_kv", heads) ?? heads;
  const headDim = headSize(header, dim, heads, kvHeads);
  const shape: LlamaShape = {
    vocabulary: header.tensors.get("token_embd.weight")?.shape[0] ?? 0,
    dim,
    layers,
    heads,
    kvHeads,
    headDim,
    ffn: size(header, "llama.feed_forward_length", 2 ** 24),
    normEps: metadata.number("llama.attention.layer_norm_rms_epsilon"),
    ropeTheta: metadata.optionalNumber("llama.rope.freq_base") ?? 10_000,
    context: size(header, "llama.context_length", 2 ** 31 - 1),
    tied: !header.tensors.has("output.weight"),
  };
  if (!(shape.normEps > 0 && shape.normEps <= 0.1)) {
    throw new ModelFileInvalid(
      `llama.attention.layer_norm_rms_epsilon must be above 0 and at most 0.1; found ${shape.normEps}.`,
    );
  }
  if (!(shape.ropeTheta > 0 && Number.isFinite(shape.ropeTheta))) {
    throw new ModelFileInvalid(`llama.rope.freq_base must be above 0; found ${shape.ropeTheta}.`);
  }
  requireTensors(header, shape);
  return shape;
}

function optionalSize(header: GgufHeader, key: string, largest: number): number | undefined {
  const value = header.metadata.optionalNumber(key);
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || value < 1 || value > largest) {
    throw new ModelFileInvalid(`${key} must be a whole number from 1 to ${largest}; found ${value}.`, {
      details: { key, value },
    });
  }
  return value;
}

function size(header: GgufHeader, key: string, largest: number): number {
  const value = optionalSize(header, key, largest);
  if (value === undefined) {
    throw new ModelFileInvalid(`The model file lacks the metadata key ${key}.`, { details: { key } });
  }
  return value;
}

function headSize(header: GgufHeader, dim: number, heads: number, kvHeads: number): number {
  const { metadata } = header;
  const keyLength = optionalSize(header, "llama.attention.key_length", 2 ** 16);
  if (keyLength === undefined && dim % heads !== 0) {
    throw new ModelFileInvalid(`${heads} attention heads do not divide the embedding length ${dim}.`);
  }
  if (heads % kvHeads !== 0) {
    throw new ModelFileInvalid(`${kvHeads} key/value heads do not divide the ${heads} attention heads.`);
  }
  const headDim = keyLength ?? dim / heads;
  const valueLength = metadata.optionalNumber("llama.attention.value_length") ?? headDim;
  if (valueLength !== headDim) {
    throw new ModelFileInvalid(
      `Keys of ${headDim} numbers with values of ${valueLength} are not supported in training.`,
    );
  }
  const rotated = metadata.optionalNumber("llama.rope.dimension_count") ?? headDim;
  if (rotated !== headDim || rotated % 2 !== 0) {
    throw new ModelFileInvalid(
      `llama.rope.dimension_count must be the head size ${headDim} and even; found ${rotated}.`,
    );
  }
  return headDim;
}

function refuseRopeScaling({ metadata, tensors }: GgufHeader): void {
  const kind = metadata.optionalString("llama.rope.scaling.type") ?? "none";
  const factor =
    metadata.optionalNumber("llama.rope.scaling.factor") ??
    metadata.optionalNumber("llama.rope.scale_linear") ??
    1;
  const scales = (kind !== "none" && kind !== "linear") || (kind !== "none" && factor !== 1) || factor !== 1;
  if (scales || tensors.has("rope_freqs.weight")) {
    throw new ModelFileInvalid(
      `This model stretches its positions (RoPE scaling ${quoted(kind)}, factor ${factor}${tensors.has("rope_freqs.weight") ? ", rope_freqs.weight" : ""}), which training does not support.`,
    );
  }
}

function requireTensors(header: GgufHeader, shape: LlamaShape): void {
  const expected = llamaTensors(shape);
  for (const [name, dimensions] of expected) {
    const found = header.tensors.get(name);
    if (found === undefined) {
      throw new ModelFileInvalid(`The model file lacks the tensor ${name}.`, { details: { tensor: name } });
    }
    if (found.shape.join() !== dimensions.join()) {
      throw new ModelFileInvalid(
        `The tensor ${name} must have the shape [${dimensions.join(", ")}]; found [${found.shape.join(", ")}].`,
        { details: { tensor: name, expected: dimensions, found: found.shape } },
      );
    }
  }
  for (const name of header.tensors.keys()) {
    if (!expected.has(name)) {
      throw new ModelFileInvalid(
        `The tensor ${quoted(name)} is not part of a plain Llama model (biases, experts and the like are not supported in training).`,
        { details: { tensor: name } },
      );
    }
  }
}
