import type { GgmlTypeName, GgufHeader } from "./format.ts";
import { elementCount } from "./format.ts";

/**
 * What decides how much memory training on a model takes, beside what {@link validateModel} tells of it:
 * `kvHeads`, `headDim`, `ffn` (each where the file says one number), whether the head is the
 * embedding, how many numbers are stored in which type (`Q4_K 1200, F32 64`), and the head's type.
 */
export function trainingFigures({
  metadata,
  tensors,
}: GgufHeader): Record<string, string | number | boolean> {
  const architecture = metadata.optionalString("general.architecture") ?? "";
  const figure = (name: string, key: string): Record<string, number> => {
    const value = metadata.get(`${architecture}.${key}`)?.value;
    return typeof value === "number" && Number.isInteger(value) && value > 0 ? { [name]: value } : {};
  };
  const weights = new Map<GgmlTypeName, number>();
  for (const { type, shape } of tensors.values()) {
    weights.set(type, (weights.get(type) ?? 0) + elementCount(shape));
  }
  const tied = !tensors.has("output.weight");
  const head = tensors.get(tied ? "token_embd.weight" : "output.weight")?.type;
  return {
    ...figure("kvHeads", "attention.head_count_kv"),
    ...figure("headDim", "attention.key_length"),
    ...figure("ffn", "feed_forward_length"),
    tied,
    weightTypes: [...weights].map(([type, count]) => `${type} ${count}`).join(", "),
    ...(head === undefined ? {} : { headType: head }),
  };
}
