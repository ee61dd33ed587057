import { refusal } from "./refuse.ts";

/**
 * An embedding as OpenAI gives it: of length 1, of the first `dimensions` numbers where that is asked for.
 * A vector of nothing but zeros stays one. Throws `invalid_request` when there are fewer.
 */
export function unitVector(values: Float32Array, dimensions: number | null): Float32Array {
  const width = dimensions ?? values.length;
  if (width > values.length)
    throw refusal("dimensions", `dimensions is ${width}; this model's embeddings have ${values.length}.`);
  const kept = values.subarray(0, width);
  const length = Math.sqrt(kept.reduce((sum, value) => sum + value * value, 0));
  return length === 0 ? Float32Array.from(kept) : kept.map((value) => value / length);
}

/** Little-endian 32-bit floats, whatever the machine's own order is. */
export function base64Floats(values: Float32Array): string {
  const bytes = Buffer.alloc(values.length * Float32Array.BYTES_PER_ELEMENT);
  values.forEach((value, index) => bytes.writeFloatLE(value, index * Float32Array.BYTES_PER_ELEMENT));
  return bytes.toString("base64");
}
