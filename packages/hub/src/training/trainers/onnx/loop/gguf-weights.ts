import { llamaShape } from "../../../../model-files/gguf/llama-model.ts";
import type { GgufHeader } from "../../../../model-files/gguf/format.ts";
import { readKeptMatrix, readTensor } from "../../../../model-files/gguf/read.ts";
import type { Weights } from "../program.ts";

/**
 * The weights of a Llama-architecture GGUF file (see `readableTypes`), one tensor at a time from the
 * disk. With `keep`, matrices in 16-bit floats and in blocks are also given as they are stored.
 *
 * Errors: {@link ModelFileInvalid} when the file is not such a model.
 */
export function ggufWeights(header: GgufHeader, options: { keep: boolean }): Weights {
  const shape = llamaShape(header);
  const read = (name: string) => readTensor(header, name);
  return options.keep ? { shape, read, readKept: (name) => readKeptMatrix(header, name) } : { shape, read };
}
