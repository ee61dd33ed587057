import type { DecoderShape, LinearName } from "../../../../model-files/gguf/decoder-shape.ts";
import { decoderTensors, linearNames } from "../../../../model-files/gguf/decoder-shape.ts";

export { linearNames } from "../../../../model-files/gguf/decoder-shape.ts";
export type { LinearName } from "../../../../model-files/gguf/decoder-shape.ts";

/**
 * Numbers that can be trained in host memory: its places are counted in bytes of 32 bits, and the one behind the
 * last must be among them.
 */
export const mostTrained = 2 ** 30 - 2 ** 14;

/** Name and shape of one weight, GGUF's names and row-major `[out, in]`. */
export interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Every weight of a model, in the order of a forward pass. */
export function modelWeights(shape: DecoderShape): WeightShape[] {
  return [...decoderTensors(shape)].map(([name, extents]) => ({ name, shape: extents }));
}

/** The two matrices of every adapted linear layer: `…lora_a [rank, in]`, `…lora_b [out, rank]`. */
export function adapterWeights(
  shape: DecoderShape,
  rank: number,
  targets: readonly LinearName[],
): WeightShape[] {
  const tensors = decoderTensors(shape);
  const weights: WeightShape[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    for (const linear of linearNames) {
      if (!targets.includes(linear)) continue;
      const name = `blk.${layer}.${linear}.weight`;
      const [outputs, inputs] = tensors.get(name) ?? [];
      if (outputs === undefined || inputs === undefined) throw new Error(`the model has no matrix ${name}`);
      weights.push(
        { name: `${name}.lora_a`, shape: [rank, inputs] },
        { name: `${name}.lora_b`, shape: [outputs, rank] },
      );
    }
  }
  return weights;
}
