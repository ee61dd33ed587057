import type { Requirements } from "../../requirements.ts";
import { adapterWeights, modelWeights } from "../onnx/model/parameters.ts";
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
export const mlxRequirements: Trainer["requirements"] = ({ shape }, parameters, base): Requirements => {
  const { batch_size, sequence_length, lora_rank, lora_targets } = parameters;
  const trained = numbersOf(adapterWeights(shape, lora_rank, lora_targets));
  const fileSize = base?.["fileSize"];
  const weights = typeof fileSize === "number" ? fileSize : numbersOf(modelWeights(shape)) * f32;
  const tokens = batch_size * sequence_length;
  const perLayer = keptWidths * shape.dim + keptFfn * shape.ffn + keptScores * shape.heads * sequence_length;
  const memoryParts = {
    process: processBytes,
    base: weights,
    trained: trained * copiesOfTrained * f32,
    activations: tokens * shape.layers * perLayer * f32,
    loss: 3 * tokens * shape.vocabulary * f32,
  };
  return {
    memoryBytes: Math.ceil(Object.values(memoryParts).reduce((sum, bytes) => sum + bytes, 0)),
    memoryParts,
    // Two checkpoints of parameters and moments, and the adapter in its formats.
    diskBytes: Math.ceil(trained * f32 * (2 * 3 + 3) + diskReserveBytes),
  };
};

function numbersOf(weights: readonly { shape: readonly number[] }[]): number {
  return weights.reduce((sum, { shape }) => sum + shape.reduce((product, extent) => product * extent, 1), 0);
}
