import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { GgmlTypeName, GgufHeader, GgufTensor } from "./format.ts";

/** Types that the engine has no arithmetic for: as weights they end its process. */
const notWeights: ReadonlySet<GgmlTypeName> = new Set(["I8", "I16", "I32", "I64", "F64", "Q8_1", "Q8_K"]);

/**
 * Checks that the tensors belong to `layers` layers of width `embedding` and are of types that the
 * engine computes with. Errors: {@link ModelFileInvalid}.
 */
export function checkTensors(header: GgufHeader, layers: number, embedding: number): void {
  checkBlocks(header, layers);
  checkEmbedding(header, embedding);
  for (const tensor of header.tensors.values()) checkType(tensor);
}

/** Biases, norms and other vectors are added and multiplied as they are, which the engine does in F32 only. */
function checkType({ name, shape, type }: GgufTensor): void {
  const isVector = shape.length === 1 || name.endsWith(".bias") || name.endsWith("_norm.weight");
  if (notWeights.has(type) || (isVector && type !== "F32")) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} is stored as ${type}; ${isVector ? "vectors must be F32" : "that is no type for weights"}.`,
      { details: { tensor: name, type } },
    );
  }
}

function checkBlocks({ tensors }: GgufHeader, layers: number): void {
  const present = new Set<number>();
  for (const name of tensors.keys()) {
    const index = /^blk\.(\d{1,9})\./.exec(name)?.[1];
    if (index !== undefined) present.add(Number(index));
  }
  for (let layer = 0; layer < layers; layer++) {
    if (!present.has(layer)) {
      throw new ModelFileInvalid(`The file states ${layers} layers but has no tensor of layer ${layer}.`);
    }
  }
  if (present.size > layers) {
    throw new ModelFileInvalid(`The file states ${layers} layers but has tensors of ${present.size}.`);
  }
}

function checkEmbedding({ tensors }: GgufHeader, embedding: number): void {
  const table = tensors.get("token_embd.weight");
  if (table === undefined) throw new ModelFileInvalid("The model file lacks the tensor token_embd.weight.");
  if (table.shape.length !== 2 || table.shape[1] !== embedding) {
    throw new ModelFileInvalid(
      `token_embd.weight must have rows of ${embedding} numbers, as embedding_length says; its shape is [${table.shape.join(", ")}].`,
    );
  }
}
