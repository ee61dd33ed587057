import { elementCount } from "../../../../model-files/gguf/format.ts";
import { decoderTensors } from "../../../../model-files/gguf/decoder-model.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import { seededRandom } from "../data/random.ts";
import type { Weights } from "../program.ts";

/** Standard deviation of embeddings, as in GPT-2 (Radford et al., 2019). */
const embeddingDeviation = 0.02;

/**
 * Random weights of a model that has not been trained: embeddings normal with deviation 0.02, linear
 * layers normal with deviation 1/√in, norms 1, biases 0. The layers that write into the residual stream are
 * scaled by 1/√(2·layers), so that its size does not grow with depth (GPT-2, section 2.3). Every
 * tensor has its own stream of numbers: the order of reading does not matter.
 */
export function initialWeights(shape: DecoderShape, seed: number): Weights {
  const tensors = decoderTensors(shape);
  const residual = 1 / Math.sqrt(2 * shape.layers);
  return {
    shape,
    read: async (name) => {
      const dimensions = tensors.get(name);
      if (dimensions === undefined) throw new RangeError(`A model of this shape has no tensor ${name}.`);
      const values = new Float32Array(elementCount(dimensions));
      if (name.endsWith(".bias")) return values;
      const inputs = dimensions[1];
      if (inputs === undefined) return values.fill(1);
      const intoResidual = name.includes("attn_output") || name.includes("ffn_down");
      const deviation = /^(token_embd|output)\./.test(name)
        ? embeddingDeviation
        : (intoResidual ? residual : 1) / Math.sqrt(inputs);
      const random = seededRandom(seed, "weights", name);
      for (let index = 0; index < values.length; index++) values[index] = deviation * random.normal();
      return values;
    },
  };
}
