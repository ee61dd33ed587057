/**
 * Starting values of a LoRA matrix A: uniform in ±1/√in (Kaiming's bound for a = √5, as PEFT
 * uses). The stream depends on the seed and the tensor's name alone, so a change of targets leaves
 * the other tensors as they were.
 *
 * @param shape `[rank, in]`
 */
export function loraStart(name: string, shape: readonly number[], seed: number): Float32Array {
  const [rank = 0, inputs = 0] = shape;
  const bound = 1 / Math.sqrt(inputs);
  const next = randomStream(seed ^ fnv1a(name));
  return Float32Array.from({ length: rank * inputs }, () => (next() * 2 - 1) * bound);
}

/** FNV-1a, 32 bits. */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Uniform numbers in [0, 1): xorshift32 over a seed that splitmix's finaliser has spread. */
function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  state = (state ^ (state >>> 16)) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
