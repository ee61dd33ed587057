import type { BlockType } from "../gguf/blocks.ts";
import { ggmlTypes } from "../gguf/format.ts";

/** Where the 16-bit floats of a block lie. */
const floats: Readonly<Record<BlockType, readonly number[]>> = {
  Q8_0: [0],
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
};

/**
 * Blocks of a type with every bit at random, but the size of their 16-bit floats: ± 1 to 2 times
 * 2^`exponent`. The same for the same seed.
 */
export function randomBlocks(type: BlockType, blocks: number, exponent: number, seed = 12_345): Uint8Array {
  const { bytes: size } = ggmlTypes[type];
  let state = seed;
  const bytes = Uint8Array.from({ length: blocks * size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  for (let block = 0; block < blocks; block++) {
    for (const place of floats[type]) {
      const at = block * size + place + 1;
      bytes[at] = ((bytes[at] ?? 0) & 0x83) | ((exponent + 15) << 2);
    }
  }
  return bytes;
}
