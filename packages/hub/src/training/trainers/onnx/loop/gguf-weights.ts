import type { DecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import type { GgufHeader } from "../../../../model-files/gguf/format.ts";
import { readQuantisedTensor, readTensor } from "../../../../model-files/gguf/read.ts";
import type { Weights } from "../program.ts";

/**
 * The weights of a GGUF file of this shape (F32, F16, BF16, Q8_0), one tensor at a time from the
 * disk. With `keepQuantised`, matrices in Q8_0 are also given as their bytes and scales, which take a
 * quarter of the memory.
 */
export function ggufWeights(
  header: GgufHeader,
  shape: DecoderShape,
  options: { keepQuantised: boolean },
): Weights {
  const read = (name: string) => readTensor(header, name);
  if (!options.keepQuantised) return { shape, read };
  return {
    shape,
    read,
    readQuantised: async (name) =>
      header.tensors.get(name)?.type === "Q8_0" ? readQuantisedTensor(header, name) : undefined,
  };
}
