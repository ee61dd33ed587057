import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { GgufHeader } from "./format.ts";
import { elementCount } from "./format.ts";
import { quantisationName } from "./quantisation-name.ts";
import { checkTensors } from "./validate-tensors.ts";
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
  /** Attention heads of a layer, of the widest one where they differ; left out where it has none. */
  heads?: number;
  /** Numbers that one token takes in the key/value cache, over all layers; 0 where the model keeps a fixed state instead. */
  cacheElementsPerToken: number;
  quantisation: string;
  chatTemplate?: string;
  vocabulary: number;
  /** Bytes. */
  fileSize: number;
}

/** The native engine has room for 512 layers and ends the process beyond. */
export const maxLayers = 512;
const maxExperts = 512;
const maxTemplateLength = 1_000_000;

/** Architectures without attention: they state zero heads and mean it. */
const recurrent: ReadonlySet<string> = new Set(["mamba", "mamba2", "rwkv6", "rwkv6qwen2", "rwkv7", "arwkv7"]);

/** Architectures in which some layers have no attention or no feed-forward part, and state 0 there. */
const hybrid: ReadonlySet<string> = new Set([
  "deci",
  "falcon-h1",
  "granitehybrid",
  "jamba",
  "kimi-linear",
  "lfm2",
  "lfm2moe",
  "nemotron_h",
  "nemotron_h_moe",
  "plamo2",
]);

/** Architectures of which the engine computes only heads that are rotated whole, and ends its process at others. */
const rotatedWhole: ReadonlySet<string> = new Set(["mistral3", "qwen2", "qwen3", "smollm3"]);

const ropeScalings: ReadonlySet<string> = new Set(["none", "linear", "yarn", "longrope"]);

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
  checkTensors(header, layers, embedding);
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
  refuseNonFinite(header, `${architecture}.`);
  const scaling = metadata.optionalString(key("rope.scaling.type")) ?? "none";
  if (!ropeScalings.has(scaling)) {
    throw new ModelFileInvalid(
      `${key("rope.scaling.type")} must be one of ${[...ropeScalings].join(", ")}; found ${quoted(scaling)}.`,
    );
  }
  const predicted = metadata.optionalNumber(key("nextn_predict_layers")) ?? 0;
  requireWhole(key("nextn_predict_layers"), predicted, 0, layers - 1);
  checkFeedForward(header, architecture, layers);
  checkExperts(header, key, layers);
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
    name: (metadata.optionalString("general.name") ?? architecture).toWellFormed(),
    parameters,
    context,
    layers,
    embedding,
    ...headsOf(header, architecture),
    cacheElementsPerToken: checkAttention(header, architecture, layers, embedding),
    quantisation: quantisationName(header),
    ...(chatTemplate === undefined ? {} : { chatTemplate: chatTemplate.toWellFormed() }),
    vocabulary,
    fileSize: header.fileSize,
  };
}

function headsOf({ metadata }: GgufHeader, architecture: string): { heads?: number } {
  const value = metadata.get(`${architecture}.attention.head_count`)?.value;
  const counts = (Array.isArray(value) ? value : [value]).filter((count) => typeof count === "number");
  const most = Math.max(0, ...counts);
  return most > 0 ? { heads: most } : {};
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

function refuseNonFinite({ metadata }: GgufHeader, prefix: string): void {
  for (const [key, { value }] of metadata) {
    if (key.startsWith(prefix) && typeof value === "number" && !Number.isFinite(value)) {
      throw new ModelFileInvalid(`${key} must be a finite number; found ${value}.`);
    }
  }
}

function checkFeedForward(header: GgufHeader, architecture: string, layers: number): void {
  const key = `${architecture}.feed_forward_length`;
  const smallest = hybrid.has(architecture) || recurrent.has(architecture) ? 0 : 1;
  const lengths = perLayer(header, key, layers, smallest, 2 ** 24);
  const hasExperts = header.metadata.has(`${architecture}.expert_feed_forward_length`);
  if (lengths === undefined && smallest > 0 && !hasExperts) {
    throw new ModelFileInvalid(`The model file lacks the metadata key ${key}.`, { details: { key } });
  }
}

function checkExperts(header: GgufHeader, key: (name: string) => string, layers: number): void {
  const experts = header.metadata.optionalNumber(key("expert_count")) ?? 0;
  requireWhole(key("expert_count"), experts, 0, maxExperts);
  const smallest = experts > 0 ? 1 : 0;
  const used = perLayer(header, key("expert_used_count"), layers, smallest, experts);
  if (used === undefined && experts > 0) {
    throw new ModelFileInvalid(`The model has ${experts} experts but lacks ${key("expert_used_count")}.`);
  }
}

/** Checks heads and rotary sizes; gives the numbers of a token in the key/value cache. */
function checkAttention(header: GgufHeader, architecture: string, layers: number, embedding: number): number {
  const key = (name: string): string => `${architecture}.attention.${name}`;
  const mayBeZero = recurrent.has(architecture) || hybrid.has(architecture);
  const smallest = mayBeZero ? 0 : 1;
  const heads = perLayer(header, key("head_count"), layers, smallest, embedding * 8);
  if (heads === undefined) {
    if (recurrent.has(architecture)) return 0;
    throw new ModelFileInvalid(`The model file lacks the metadata key ${key("head_count")}.`);
  }
  const kvHeads = perLayer(header, key("head_count_kv"), layers, smallest, embedding * 8) ?? heads;
  for (const [layer, count] of heads.entries()) checkLayer(header, layer, count, kvHeads[layer] ?? 0);
  const most = Math.max(...heads);
  if (most === 0) {
    if (recurrent.has(architecture)) return 0;
    throw new ModelFileInvalid(`${key("head_count")} is 0 in every layer.`);
  }
  const keyLength = headLength(header, key("key_length"), embedding, most);
  const valueLength = headLength(header, key("value_length"), embedding, most);
  const least = rotatedWhole.has(architecture) ? keyLength : 0;
  checkRotation(header, `${architecture}.rope.dimension_count`, keyLength, least);
  checkRotation(header, `${architecture}.rope.dimension_count_swa`, keyLength);
  return kvHeads.reduce((total, count) => total + count * (keyLength + valueLength), 0);
}

/** Heads of one layer; a layer that has attention weights must have heads. */
function checkLayer({ tensors }: GgufHeader, layer: number, heads: number, kvHeads: number): void {
  const hasAttention = ["q", "k", "qkv"].some((part) => tensors.has(`blk.${layer}.attn_${part}.weight`));
  if (hasAttention && (heads === 0 || kvHeads === 0)) {
    throw new ModelFileInvalid(
      `Layer ${layer} has attention weights but states ${heads} heads and ${kvHeads} key/value heads.`,
    );
  }
  if (kvHeads > 0 && heads % kvHeads !== 0) {
    throw new ModelFileInvalid(
      `The key/value heads must divide the heads: ${kvHeads} does not divide ${heads} in layer ${layer}.`,
    );
  }
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
function checkRotation(header: GgufHeader, key: string, headDim: number, least = 0): void {
  const rotated = header.metadata.optionalNumber(key);
  if (rotated === undefined) {
    if (headDim % 2 !== 0)
      throw new ModelFileInvalid(`The head size ${headDim} is odd; positions are rotated in pairs.`);
    return;
  }
  if (!Number.isInteger(rotated) || rotated < least || rotated % 2 !== 0 || rotated > headDim) {
    const allowed = least > 0 ? "the" : "even and at most the";
    throw new ModelFileInvalid(`${key} must be ${allowed} head size ${headDim}; found ${rotated}.`);
  }
}
