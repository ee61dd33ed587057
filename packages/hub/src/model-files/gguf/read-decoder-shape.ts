import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { DecoderShape, DecoderTraits, LinearName, SlidingLayers } from "./decoder-shape.ts";
import { decoderTensors, plainLlama, ropeFactorsName, traitsOf } from "./decoder-shape.ts";
import type { DecoderFamily } from "./families/family.ts";
import { families } from "./families/table.ts";
import type { GgufHeader } from "./format.ts";
import { readRopeScaling } from "./rope-scaling.ts";
import { maxLayers } from "./validate.ts";

/**
 * The shape of a model, for the trainer: everything that the trainer computes is known and
 * everything in the file is something that it computes.
 *
 * Errors: {@link ModelFileInvalid} for architectures that are not among the {@link families},
 * impossible sizes, missing, misshapen or unexpected tensors, and settings that are not known; the
 * system's own error when the file cannot be read.
 */
export async function readDecoderShape(header: GgufHeader): Promise<DecoderShape> {
  const { metadata } = header;
  const architecture = metadata.string("general.architecture");
  const family = families.get(architecture);
  if (family === undefined) {
    throw new ModelFileInvalid(
      `Models of the architecture ${quoted(architecture)} cannot be trained here; ${[...families.keys()].join(", ")} can.`,
      { details: { architecture } },
    );
  }
  const key = (name: string) => `${architecture}.${name}`;
  const dim = size(header, key("embedding_length"), 2 ** 20);
  const layers = size(header, key("block_count"), maxLayers);
  const heads = size(header, key("attention.head_count"), 2 ** 20);
  const kvHeads = optionalSize(header, key("attention.head_count_kv"), heads) ?? heads;
  const headDim = headSize(header, key, { dim, heads, kvHeads });
  const context = contextOf(header, key, family);
  const ropeTheta = metadata.optionalNumber(key("rope.freq_base")) ?? 10_000;
  const shape: DecoderShape = {
    vocabulary: header.tensors.get("token_embd.weight")?.shape[0] ?? 0,
    dim,
    layers,
    heads,
    kvHeads,
    headDim,
    ffn: size(header, key("feed_forward_length"), 2 ** 24),
    normEps: metadata.number(key("attention.layer_norm_rms_epsilon")),
    ropeTheta,
    context,
    tied: !(family.ownHead && header.tensors.has("output.weight")),
  };
  if (!(shape.normEps > 0 && shape.normEps <= 0.1)) {
    throw new ModelFileInvalid(
      `${key("attention.layer_norm_rms_epsilon")} must be above 0 and at most 0.1; found ${shape.normEps}.`,
    );
  }
  requirePositive(key("rope.freq_base"), ropeTheta);
  if (metadata.optionalBool(key("attention.causal")) === false) {
    throw new ModelFileInvalid(
      "This model sees what follows a token (attention.causal is false); training here is of models that do not.",
    );
  }
  const traits: DecoderTraits = {
    architecture,
    rotation: family.rotation,
    activation: family.activation,
    biases: biasesOf(header, family),
    queryKeyNorms: family.queryKeyNorms,
    postNorms: family.postNorms,
    embeddingScale: family.scaledEmbedding ? Math.sqrt(dim) : 1,
    attentionScale: family.scaleByWidthAt.includes(layers) ? Math.floor(dim / heads) ** -0.5 : null,
    attentionCap: capOf(header, key("attn_logit_softcapping"), family.attentionCap),
    logitCap: capOf(header, key("final_logit_softcapping"), family.logitCap),
    unrotatedEvery: family.unrotatedEvery,
    ropeScaling: await readRopeScaling(header, architecture, family, {
      headDim,
      context: size(header, key("context_length"), 2 ** 31 - 1),
    }),
    sliding: slidingOf(header, key, family, ropeTheta),
  };
  const full = withTraits(shape, traits);
  requireTensors(header, full, family);
  return full;
}

/** The shape with those traits that a plain Llama has not. */
export function withTraits(shape: DecoderShape, traits: DecoderTraits): DecoderShape {
  const differing = Object.entries(traits).filter(
    ([name, value]) =>
      JSON.stringify(value) !== JSON.stringify({ ...plainLlama }[name as keyof DecoderTraits]),
  );
  return differing.length === 0 ? shape : { ...shape, traits: Object.fromEntries(differing) };
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

type Key = (name: string) => string;

function headSize(
  header: GgufHeader,
  key: Key,
  { dim, heads, kvHeads }: Pick<DecoderShape, "dim" | "heads" | "kvHeads">,
): number {
  const { metadata } = header;
  const keyLength = optionalSize(header, key("attention.key_length"), 2 ** 16);
  if (keyLength === undefined && dim % heads !== 0) {
    throw new ModelFileInvalid(`${heads} attention heads do not divide the embedding length ${dim}.`);
  }
  if (heads % kvHeads !== 0) {
    throw new ModelFileInvalid(`${kvHeads} key/value heads do not divide the ${heads} attention heads.`);
  }
  const headDim = keyLength ?? dim / heads;
  const valueLength = metadata.optionalNumber(key("attention.value_length")) ?? dim / heads;
  if (valueLength !== headDim) {
    throw new ModelFileInvalid(
      `Keys of ${headDim} numbers with values of ${valueLength} are not supported in training.`,
    );
  }
  for (const name of ["rope.dimension_count", "rope.dimension_count_swa"]) {
    const rotated = metadata.optionalNumber(key(name)) ?? headDim;
    if (rotated !== headDim || rotated % 2 !== 0) {
      throw new ModelFileInvalid(`${key(name)} must be the head size ${headDim} and even; found ${rotated}.`);
    }
  }
  return headDim;
}

/** Where queries grow with far positions, those up to which they do not are the ones that can be trained on. */
function contextOf(header: GgufHeader, key: Key, { temperature }: DecoderFamily): number {
  const context = size(header, key("context_length"), 2 ** 31 - 1);
  const scale = header.metadata.optionalNumber(key("attention.temperature_scale")) ?? 0;
  if (!temperature || scale === 0) return context;
  const original = optionalSize(header, key("rope.scaling.original_context_length"), 2 ** 31 - 1);
  return Math.min(context, original ?? context);
}

function biasesOf({ tensors }: GgufHeader, { biases }: DecoderFamily): LinearName[] {
  return biases.filter((linear) => tensors.has(`blk.0.${linear}.bias`));
}

function capOf({ metadata }: GgufHeader, key: string, usual: number | null): number | null {
  if (usual === null) return null;
  const cap = metadata.optionalNumber(key) ?? usual;
  if (cap === 0) return null;
  requirePositive(key, cap);
  return cap;
}

function slidingOf(
  header: GgufHeader,
  key: Key,
  { sliding }: DecoderFamily,
  ropeTheta: number,
): SlidingLayers | null {
  if (sliding === null) return null;
  const { metadata } = header;
  const window = metadata.optionalNumber(key("attention.sliding_window")) ?? sliding.window ?? 0;
  if (window === 0) return null;
  if (!Number.isInteger(window) || window < 1) {
    throw new ModelFileInvalid(`${key("attention.sliding_window")} must be a whole number; found ${window}.`);
  }
  const ownTheta = metadata.optionalNumber(key("rope.freq_base_swa")) ?? sliding.ropeTheta ?? ropeTheta;
  requirePositive(key("rope.freq_base_swa"), ownTheta);
  return {
    window,
    period: optionalSize(header, key("attention.sliding_window_pattern"), maxLayers) ?? sliding.period,
    ropeTheta: ownTheta,
    scaled: sliding.scaled,
  };
}

function requirePositive(key: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) {
    throw new ModelFileInvalid(`${key} must be above 0; found ${value}.`, { details: { key, value } });
  }
}

function requireTensors(header: GgufHeader, shape: DecoderShape, { ropeFactors }: DecoderFamily): void {
  const expected = decoderTensors(shape);
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
    if (expected.has(name) || (ropeFactors && name === ropeFactorsName)) continue;
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} is not part of a ${traitsOf(shape).architecture} model as it can be trained here (experts, shared or fused layers and the like are not supported in training).`,
      { details: { tensor: name } },
    );
  }
}
