import type { DecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import type { GgufHeader } from "../../../../model-files/gguf/format.ts";
import { readKeptMatrix, readTensor } from "../../../../model-files/gguf/read.ts";
import type { Weights } from "../program.ts";

/**
 * The weights of a GGUF file of this shape (see `readableTypes`), one tensor at a time from the disk.
 * With `keep`, matrices in 16-bit floats and in blocks are also given as they are stored.
 */
export function ggufWeights(header: GgufHeader, shape: DecoderShape, options: { keep: boolean }): Weights {
  const read = (name: string) => readTensor(header, name);
  return options.keep ? { shape, read, readKept: (name) => readKeptMatrix(header, name) } : { shape, read };
}
