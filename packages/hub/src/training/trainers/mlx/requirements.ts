import { loraParameters, type Requirements } from "../../requirements.ts";
import type { Trainer } from "../trainer.ts";

/** Both processes, Node's and Python's with MLX, mlx-lm and the tokenizers, before they hold a model (measured on Linux). */
const processBytes = 205e6;
const f32 = 4;
/** Parameter, gradient, both moments, and the update's own copies. */
const copiesOfTrained = 6;
/** Values per token and layer that the backward pass keeps, in multiples of the width and of the feed-forward width. */
const keptWidths = 14;
const keptFfn = 4;
const keptScores = 2;
const diskReserveBytes = 64_000_000;

/**
 * mlx-lm keeps the base as its files have it and all activations of a batch; logits are made for all positions at
 * once. Within a fifth of what was measured of both processes on Linux.
 */
export const mlxRequirements: Trainer["requirements"] = (shape, parameters, base): Requirements => {
  const { batch_size, sequence_length } = parameters;
  const trained = loraParameters(shape, parameters);
  const fileSize = base?.["fileSize"];
  const weights = typeof fileSize === "number" ? fileSize : shape.parameters * f32;
  const tokens = batch_size * sequence_length;
  const perLayer =
    keptWidths * shape.embedding + keptFfn * shape.ffn + keptScores * shape.heads * sequence_length;
  const activations = tokens * shape.layers * perLayer * f32;
  const logits = 3 * tokens * shape.vocabulary * f32;
  return {
    memoryBytes: Math.ceil(processBytes + weights + trained * copiesOfTrained * f32 + activations + logits),
    // Two checkpoints of parameters and moments, and the adapter in its formats.
    diskBytes: Math.ceil(trained * f32 * (2 * 3 + 3) + diskReserveBytes),
  };
};
