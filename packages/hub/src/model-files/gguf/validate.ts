import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { GgufHeader } from "./format.ts";
import { elementCount } from "./format.ts";
import { quantisationName } from "./quantisation-name.ts";
import { checkTokenizer } from "./validate-tokenizer.ts";

/** What a person or a page wants to know of a model file. */
export interface ModelSummary {
  architecture: string;
  name: string;
  /** Numbers in all tensors. */
  parameters: number;
  /** Longest sequence that it was trained for, in tokens. */
  context: number;
  layers: number;
  /** Width of the hidden state. */
  embedding: number;
  /** Numbers that one token takes in the key/value cache, over all layers; 0 where the model keeps a fixed state instead. */
  cacheElementsPerToken: number;
  quantisation: string;
  chatTemplate?: string;
  vocabulary: number;
  /** Bytes. */
  fileSize: number;
}

/** The native engine has room for fewer than 512 layers and ends the process beyond. */
export const maxLayers = 511;
const maxExperts = 512;
const maxTemplateLength = 1_000_000;

/** Architectures without attention: they state zero heads and mean it. */
const recurrent = new Set(["mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"]);

/**
 * Checks a model of any architecture for what makes the native engine end its process, or compute
 * nonsense, and says what the file holds. A file that passes may still be refused by the engine,
 * with an ordinary error.
 *
 * Errors: {@link ModelFileInvalid} naming the field and the value.
 */
export function validateModel(header: GgufHeader): ModelSummary {
  const { metadata, tensors } = header;
  const architecture = checkKind(header);
  const key = (name: string): string => `${architecture}.${name}`;
  const layers = whole(header, key("block_count"), 1, maxLayers);
  const embedding = whole(header, key("embedding_length"), 1, 2 ** 20);
  const context = whole(header, key("context_length"), 1, 2 ** 31 - 1);
  checkBlocks(header, layers);
  checkEmbedding(header, embedding);
  for (const name of [
    "attention.layer_norm_rms_epsilon",
    "attention.layer_norm_epsilon",
    "attention.group_norm_epsilon",
  ]) {
    above0(header, key(name), 1);
  }
  for (const name of ["rope.freq_base", "rope.freq_base_swa", "rope.scaling.factor", "rope.scale_linear"]) {
    above0(header, key(name), 1e15);
  }
  perLayer(header, key("feed_forward_length"), layers, 0, 2 ** 24);
  checkExperts(header, key);
  const vocabulary = tensors.get("token_embd.weight")?.shape[0] ?? 0;
  checkTokenizer(metadata, vocabulary);
  const chatTemplate = metadata.optionalString("tokenizer.chat_template");
  if (chatTemplate !== undefined && chatTemplate.length > maxTemplateLength) {
    throw new ModelFileInvalid(
      `The chat template is ${chatTemplate.length} characters long; at most ${maxTemplateLength} are allowed.`,
    );
  }
  let parameters = 0;
  for (const tensor of tensors.values()) parameters += elementCount(tensor.shape);
  return {
    architecture,
    name: metadata.optionalString("general.name") ?? architecture,
    parameters,
    context,
    layers,
    embedding,
    cacheElementsPerToken: checkAttention(header, architecture, layers, embedding),
    quantisation: quantisationName(header),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    vocabulary,
    fileSize: header.fileSize,
  };
}

function checkKind({ metadata }: GgufHeader): string {
  const architecture = metadata.string("general.architecture");
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(architecture)) {
    throw new ModelFileInvalid(`general.architecture is not a name: ${quoted(architecture)}.`);
  }
  const kind = metadata.optionalString("general.type") ?? "model";
  if (kind !== "model") {
    throw new ModelFileInvalid(
      `This file holds ${kind === "adapter" ? "an adapter" : quoted(kind)}, not a model. Give the model's own file.`,
    );
  }
  const parts = metadata.optionalNumber("split.count") ?? 1;
  if (parts > 1) {
    throw new ModelFileInvalid(
      `This file is one of ${parts} parts. Merge them with llama-gguf-split --merge first.`,
    );
  }
  return architecture;
}

function whole(header: GgufHeader, key: string, smallest: number, largest: number): number {
  const value = header.metadata.number(key);
  requireWhole(key, value, smallest, largest);
  return value;
}

function requireWhole(key: string, value: number, smallest: number, largest: number): void {
  if (!Number.isInteger(value) || value < smallest || value > largest) {
    throw new ModelFileInvalid(
      `${key} must be a whole number from ${smallest} to ${largest}; found ${value}.`,
      { details: { key, value, smallest, largest } },
    );
  }
}

/** A value for each layer: stored once for all, or as a list with one entry a layer. */
function perLayer(
  header: GgufHeader,
  key: string,
  layers: number,
  smallest: number,
  largest: number,
): readonly number[] | undefined {
  const entry = header.metadata.get(key);
  if (entry === undefined) return undefined;
  if (!Array.isArray(entry.value)) {
    const value = header.metadata.number(key);
    requireWhole(key, value, smallest, largest);
    return Array.from({ length: layers }, () => value);
  }
  const values = header.metadata.numbers(key);
  if (values.length !== layers) {
    throw new ModelFileInvalid(`${key} lists ${values.length} values for ${layers} layers.`);
  }
  for (const value of values) requireWhole(key, value, smallest, largest);
  return values;
}

function above0(header: GgufHeader, key: string, largest: number): void {
  const value = header.metadata.optionalNumber(key);
  if (value !== undefined && !(value > 0 && value <= largest)) {
    throw new ModelFileInvalid(`${key} must be above 0 and at most ${largest}; found ${value}.`, {
      details: { key, value },
    });
  }
}

function checkBlocks({ tensors }: GgufHeader, layers: number): void {
  const present = new Set<number>();
  for (const name of tensors.keys()) {
    const index = /^blk\.(\d{1,9})\./.exec(name)?.[1];
    if (index !== undefined) present.add(Number(index));
  }
  for (let layer = 0; layer < layers; layer++) {
    if (!present.has(layer)) {
      throw new ModelFileInvalid(`The file states ${layers} layers but has no tensor of layer ${layer}.`);
    }
  }
  if (present.size > layers) {
    throw new ModelFileInvalid(`The file states ${layers} layers but has tensors of ${present.size}.`);
  }
}

function checkEmbedding({ tensors }: GgufHeader, embedding: number): void {
  const table = tensors.get("token_embd.weight");
  if (table === undefined) throw new ModelFileInvalid("The model file lacks the tensor token_embd.weight.");
  if (table.shape.length !== 2 || table.shape[1] !== embedding) {
    throw new ModelFileInvalid(
      `token_embd.weight must have rows of ${embedding} numbers, as embedding_length says; its shape is [${table.shape.join(", ")}].`,
    );
  }
}

function checkExperts(header: GgufHeader, key: (name: string) => string): void {
  const experts = header.metadata.optionalNumber(key("expert_count")) ?? 0;
  const used = header.metadata.optionalNumber(key("expert_used_count")) ?? 0;
  requireWhole(key("expert_count"), experts, 0, maxExperts);
  requireWhole(key("expert_used_count"), used, experts > 0 ? 1 : 0, experts);
}

/** Checks heads and rotary sizes; gives the numbers of a token in the key/value cache. */
function checkAttention(header: GgufHeader, architecture: string, layers: number, embedding: number): number {
  const key = (name: string): string => `${architecture}.attention.${name}`;
  const hasList = Array.isArray(header.metadata.get(key("head_count"))?.value);
  const smallest = recurrent.has(architecture) || hasList ? 0 : 1;
  const heads = perLayer(header, key("head_count"), layers, smallest, embedding * 8);
  if (heads === undefined) {
    if (recurrent.has(architecture)) return 0;
    throw new ModelFileInvalid(`The model file lacks the metadata key ${key("head_count")}.`);
  }
  const kvHeads = perLayer(header, key("head_count_kv"), layers, 0, embedding * 8) ?? heads;
  const most = Math.max(...heads);
  if (most === 0) {
    if (recurrent.has(architecture)) return 0;
    throw new ModelFileInvalid(`${key("head_count")} is 0 in every layer.`);
  }
  if (heads.some((count, layer) => (kvHeads[layer] ?? 0) > 0 && count % (kvHeads[layer] ?? 1) !== 0)) {
    throw new ModelFileInvalid(
      `${key("head_count_kv")} must divide ${key("head_count")}: ${distinct(kvHeads)} does not divide ${distinct(heads)}.`,
    );
  }
  if (!hasList && kvHeads.every((count) => count === 0) && !recurrent.has(architecture)) {
    throw new ModelFileInvalid(`${key("head_count_kv")} is 0.`);
  }
  const keyLength = headLength(header, key("key_length"), embedding, most);
  const valueLength = headLength(header, key("value_length"), embedding, most);
  checkRotation(header, `${architecture}.rope.dimension_count`, keyLength);
  checkRotation(header, `${architecture}.rope.dimension_count_swa`, keyLength);
  return kvHeads.reduce((total, count) => total + count * (keyLength + valueLength), 0);
}

function distinct(values: readonly number[]): string {
  return [...new Set(values)].slice(0, 4).join(", ");
}

function headLength(header: GgufHeader, key: string, embedding: number, heads: number): number {
  const stated = header.metadata.optionalNumber(key);
  if (stated !== undefined) {
    requireWhole(key, stated, 1, 2 ** 16);
    return stated;
  }
  if (embedding % heads !== 0) {
    throw new ModelFileInvalid(
      `${heads} attention heads do not divide the embedding length ${embedding}, and ${key} is missing.`,
    );
  }
  return embedding / heads;
}

/** Positions are rotated in pairs: an odd count ends the native engine's process. */
function checkRotation(header: GgufHeader, key: string, headDim: number): void {
  const rotated = header.metadata.optionalNumber(key);
  if (rotated === undefined) {
    if (headDim % 2 !== 0)
      throw new ModelFileInvalid(`The head size ${headDim} is odd; positions are rotated in pairs.`);
    return;
  }
  if (!Number.isInteger(rotated) || rotated < 0 || rotated % 2 !== 0 || rotated > headDim) {
    throw new ModelFileInvalid(`${key} must be even and at most the head size ${headDim}; found ${rotated}.`);
  }
}
