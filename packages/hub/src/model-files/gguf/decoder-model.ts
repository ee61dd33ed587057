import { ModelFileInvalid } from "../invalid.ts";
import { trainedPreTokenizer } from "../tokenizer/pre-tokenizers.ts";
import type { TokenizerFile } from "../tokenizer/train.ts";
import { elementCount, ggmlTypes } from "./format.ts";
import { decoderTensors, ropeFactorsName, traitsOf } from "./decoder-shape.ts";
import type { DecoderShape } from "./decoder-shape.ts";
import { traitMetadata } from "./trait-metadata.ts";
import { writeGguf } from "./write.ts";
import type { GgufEntry, GgufTensorToWrite, GgufWriteType, TensorSource } from "./write.ts";

export { decoderTensors } from "./decoder-shape.ts";
export { readDecoderShape } from "./read-decoder-shape.ts";
export type { DecoderShape } from "./decoder-shape.ts";
export { validateModel } from "./validate.ts";
export type { ModelSummary } from "./validate.ts";

/** How a whole model can be written. */
export type ModelWriteType = Exclude<GgufWriteType, "Q4_K"> | "Q4_K_M";

export interface DecoderModelToWrite {
  shape: DecoderShape;
  name: string;
  tokenizer: TokenizerFile;
  chatTemplate: string;
  /** By GGUF name, see `decoderTensors`; row-major. Rows of q and k are in the architecture's rotary order. */
  weights: ReadonlyMap<string, TensorSource>;
  /** Type of the matrices; norms stay F32. `Q4_K_M` is llama.cpp's mix of Q4_K and Q6_K. */
  type: ModelWriteType;
  extraMetadata?: readonly GgufEntry[];
}

/** Numbers of `general.file_type` (source: llama.cpp's llama_ftype). */
export const fileTypeIds: Readonly<Record<ModelWriteType, number>> = {
  F32: 0,
  F16: 1,
  Q8_0: 7,
  Q4_K_M: 15,
  Q6_K: 18,
};
const controlToken = 3;
const normalToken = 1;

/**
 * Writes a model of the shape's architecture that llama.cpp loads as it is. Equal input, equal bytes.
 *
 * Errors: {@link ModelFileInvalid} when weights or tokenizer do not fit the shape; RangeError for
 * numbers that the type cannot hold; the system's own error when the disk is full.
 */
export async function writeDecoderModel(path: string, model: DecoderModelToWrite): Promise<void> {
  const { shape, weights, type } = model;
  const expected = decoderTensors(shape);
  for (const name of weights.keys()) {
    if (!expected.has(name)) throw new ModelFileInvalid(`The weights have the unknown tensor ${name}.`);
  }
  const tensors = [...expected].map(([name, dimensions]) => {
    const data = weights.get(name);
    if (data === undefined) throw new ModelFileInvalid(`The weights lack the tensor ${name}.`);
    if (data instanceof Float32Array && data.length !== elementCount(dimensions)) {
      throw new ModelFileInvalid(
        `The tensor ${name} needs ${elementCount(dimensions)} numbers; found ${data.length}.`,
      );
    }
    const row = dimensions.at(-1) ?? 0;
    const stored = dimensions.length === 1 ? "F32" : storedType(type, name, row, shape);
    if (row % ggmlTypes[stored].elements !== 0) {
      throw new ModelFileInvalid(
        `The tensor ${name} has rows of ${row} numbers, which ${stored} cannot hold: it needs a multiple of ${ggmlTypes[stored].elements}. Write F16 or F32.`,
      );
    }
    return { name, shape: dimensions, type: stored, data };
  });
  await writeGguf(path, { metadata: metadataOf(model), tensors: [...constantTensors(shape), ...tensors] });
}

/** Tensors that a model of this shape has and does not learn. */
export function constantTensors(shape: DecoderShape): GgufTensorToWrite[] {
  const factors = traitsOf(shape).ropeScaling?.factors ?? null;
  if (factors === null) return [];
  const data = Float32Array.from(factors);
  return [{ name: ropeFactorsName, shape: [data.length], type: "F32", data }];
}

/**
 * The type of one matrix: in `Q4_K_M` the values, the narrowing feed-forward layers of half of the
 * blocks and the output are Q6_K; rows that are no multiple of 256 are Q8_0 (source: llama-quant.cpp;
 * llama.cpp takes Q5_0 for what would be Q4_K).
 */
export function storedType(
  type: ModelWriteType,
  name: string,
  row: number,
  shape: DecoderShape,
): GgufWriteType {
  if (type !== "Q4_K_M") return type;
  if (row % ggmlTypes.Q4_K.elements !== 0) return "Q8_0";
  const head = shape.tied ? "token_embd.weight" : "output.weight";
  const [, layer = "0", linear] = /^blk\.(\d+)\.(\w+)\./.exec(name) ?? [];
  const precise = linear === "attn_v" || linear === "ffn_down";
  const { layers } = shape;
  const index = Number(layer);
  const outer = index < layers / 8 || index >= (7 * layers) / 8 || (index - Math.floor(layers / 8)) % 3 === 2;
  return name === head || (precise && outer) ? "Q6_K" : "Q4_K";
}

function metadataOf({
  shape,
  name,
  tokenizer,
  chatTemplate,
  type,
  extraMetadata = [],
}: DecoderModelToWrite): GgufEntry[] {
  const { architecture } = traitsOf(shape);
  return [
    ["general.architecture", "string", architecture],
    ["general.name", "string", name],
    ["general.file_type", "u32", fileTypeIds[type]],
    [`${architecture}.context_length`, "u32", shape.context],
    [`${architecture}.embedding_length`, "u32", shape.dim],
    [`${architecture}.block_count`, "u32", shape.layers],
    [`${architecture}.feed_forward_length`, "u32", shape.ffn],
    [`${architecture}.attention.head_count`, "u32", shape.heads],
    [`${architecture}.attention.head_count_kv`, "u32", shape.kvHeads],
    [`${architecture}.attention.key_length`, "u32", shape.headDim],
    [`${architecture}.attention.value_length`, "u32", shape.headDim],
    [`${architecture}.attention.layer_norm_rms_epsilon`, "f32", shape.normEps],
    [`${architecture}.rope.dimension_count`, "u32", shape.headDim],
    [`${architecture}.rope.freq_base`, "f32", shape.ropeTheta],
    [`${architecture}.vocab_size`, "u32", shape.vocabulary],
    ...tokenizerMetadata(tokenizer, shape.vocabulary),
    ["tokenizer.chat_template", "string", chatTemplate],
    ...traitMetadata(shape),
    ...extraMetadata,
  ];
}

function tokenizerMetadata(tokenizer: TokenizerFile, vocabulary: number): GgufEntry[] {
  const { tokens, merges } = tokenizer;
  if (tokens.length !== vocabulary) {
    throw new ModelFileInvalid(
      `The tokenizer has ${tokens.length} tokens for a vocabulary of ${vocabulary}.`,
    );
  }
  const special = new Set(tokenizer.specialTokens);
  const eos = idOf(tokens, tokenizer.eos);
  return [
    ["tokenizer.ggml.model", "string", "gpt2"],
    ["tokenizer.ggml.pre", "string", trainedPreTokenizer],
    ["tokenizer.ggml.tokens", "string[]", tokens],
    [
      "tokenizer.ggml.token_type",
      "i32[]",
      tokens.map((token) => (special.has(token) ? controlToken : normalToken)),
    ],
    ["tokenizer.ggml.merges", "string[]", merges],
    // Without a stated one the engine assumes number 11, an ordinary letter.
    ["tokenizer.ggml.bos_token_id", "u32", tokenizer.bos === undefined ? eos : idOf(tokens, tokenizer.bos)],
    ["tokenizer.ggml.eos_token_id", "u32", eos],
    ["tokenizer.ggml.padding_token_id", "u32", eos],
    ["tokenizer.ggml.add_bos_token", "bool", false],
    ["tokenizer.ggml.add_eos_token", "bool", false],
    ["tokenizer.ggml.add_space_prefix", "bool", false],
  ];
}

function idOf(tokens: readonly string[], token: string): number {
  const id = tokens.indexOf(token);
  if (id < 0)
    throw new ModelFileInvalid(
      `The tokenizer names the special token ${token}, which is not among its tokens.`,
    );
  return id;
}
