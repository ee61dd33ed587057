import type { TrainingParameters } from "@hearth/wire/hub/training";

/** The figures of a model that its memory depends on. */
export interface ModelShape {
  parameters: number;
  embedding: number;
  layers: number;
  heads: number;
  ffn: number;
  vocabulary: number;
}

export interface Requirements {
  memoryBytes: number;
  diskBytes: number;
}

const f32 = 4;
/** The trainer process with its libraries, before it holds a model. */
const processBytes = 140_000_000;
/** Parameter, gradient and both moments, and the copy that the binding makes of each. */
const bytesPerTrained = 8 * f32;
/** Values per token and layer that the backward pass keeps, in multiples of the width and of the feed-forward width. */
const keptWidths = 12;
const keptFfn = 4;
/** Scores and probabilities. */
const keptScores = 2;
/** Logits are made in chunks of at most this many tokens: logits, probabilities and their gradient. */
const lossChunk = 256;
const diskReserveBytes = 64_000_000;

/**
 * Memory and disk that a job needs at its peak, estimated before anything is loaded. Within a
 * fifth of what the trainer was measured to take from 0.3 to 10 million parameters; the trainer
 * checks again with the exact shape.
 */
export function estimateRequirements(
  shape: ModelShape,
  parameters: TrainingParameters & { sequence_length: number },
): Requirements {
  const trained = parameters.recipe === "lora" ? loraParameters(shape, parameters) : shape.parameters;
  const frozen = parameters.recipe === "lora" ? shape.parameters : 0;
  const tokens = parameters.batch_size * parameters.sequence_length;
  const perToken =
    keptWidths * shape.embedding +
    keptFfn * shape.ffn +
    keptScores * shape.heads * parameters.sequence_length;
  const activations = tokens * shape.layers * perToken * f32;
  const logits = 3 * Math.min(tokens, lossChunk) * shape.vocabulary * f32;
  return {
    memoryBytes: Math.ceil(processBytes + trained * bytesPerTrained + frozen * f32 + activations + logits),
    // Two checkpoints (the last and the one being written) of parameters and moments, and the exported files.
    diskBytes: Math.ceil(trained * f32 * (2 * 3 + 2) + diskReserveBytes),
  };
}

/** Low-rank matrices on the chosen layers; every layer counted with its widest possible side. */
export function loraParameters(shape: ModelShape, { lora_rank, lora_targets }: TrainingParameters): number {
  const sides = lora_targets.map(
    (target) => shape.embedding + (target.startsWith("ffn") ? shape.ffn : shape.embedding),
  );
  return shape.layers * lora_rank * sides.reduce((sum, side) => sum + side, 0);
}

/** The shape of a model by what its file says of itself; unknown figures are taken from Llama's usual proportions. */
export function shapeOfSummary(summary: Record<string, string | number | boolean>): ModelShape | null {
  const figure = (name: string): number | null => (typeof summary[name] === "number" ? summary[name] : null);
  const [parameters, embedding, layers] = [figure("parameters"), figure("embedding"), figure("layers")];
  if (parameters === null || embedding === null || layers === null) return null;
  return {
    parameters,
    embedding,
    layers,
    heads: figure("heads") ?? Math.max(1, Math.round(embedding / 32)),
    ffn: figure("ffn") ?? 3 * embedding,
    vocabulary: figure("vocabulary") ?? 32_000,
  };
}

/** The shape of a model that is to be trained from nothing; tied embeddings. */
export function shapeOfPretraining(shape: NonNullable<TrainingParameters["pretrain"]>): ModelShape {
  const keys = (shape.dim / shape.heads) * shape.kv_heads;
  const perLayer =
    2 * shape.dim * shape.dim + 2 * shape.dim * keys + 3 * shape.dim * shape.ffn + 2 * shape.dim;
  return {
    parameters: shape.vocabulary * shape.dim + shape.layers * perLayer + shape.dim,
    embedding: shape.dim,
    layers: shape.layers,
    heads: shape.heads,
    ffn: shape.ffn,
    vocabulary: shape.vocabulary,
  };
}
