import { ggmlTypes } from "./format.ts";
import type { GgmlTypeName } from "./format.ts";
import { q8BlockElements } from "./quantise.ts";

/** The types whose matrices can stay as they are in memory and be decoded when they are used. */
export const blockTypes = ["Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"] as const;
export type BlockType = (typeof blockTypes)[number];

/** Whether a type is one of {@link blockTypes}. */
export function isBlockType(type: GgmlTypeName): type is BlockType {
  return blockTypes.some((known) => known === type);
}

/**
 * How the numbers of a type are put together: value = (q − offset) · scale − minimum, with a scale
 * (and a minimum) for every `block` values of a row. With a `superBlock`, scales and minimums are small
 * integers, which count times a 16-bit float that as many values share; without, they are 16-bit floats.
 */
export interface BlockForm {
  /** Bits that a stored q takes: 8 signed, or 4 unsigned. */
  readonly bits: 8 | 4;
  readonly block: 16 | 32;
  readonly superBlock?: 256;
  readonly minimum: boolean;
  readonly offset: number;
}

const eightBits = { bits: 8, block: q8BlockElements, minimum: false, offset: 0 } as const;
const fourBits = { bits: 4, block: 32, minimum: true, offset: 0 } as const;

/** The forms; five and six bits are kept in eight. */
export const blockForms: Readonly<Record<BlockType, BlockForm>> = {
  Q8_0: eightBits,
  Q5_0: eightBits,
  Q5_1: { ...eightBits, minimum: true },
  Q4_0: { ...fourBits, minimum: false, offset: 8 },
  Q4_1: fourBits,
  Q4_K: { ...fourBits, superBlock: 256 },
  Q5_K: { ...eightBits, superBlock: 256, minimum: true },
  Q6_K: { ...eightBits, superBlock: 256, block: 16 },
};

/** Factors of blocks, one row after the other: 16-bit floats as their bits, or integers times `shared` ones. */
export interface BlockFactors {
  readonly own: Uint16Array | Int8Array;
  /** Bits of the 16-bit floats of the super-blocks. */
  readonly shared?: Uint16Array;
}

/** A matrix `[rows, columns]` in a form of {@link blockForms}. */
export interface BlockMatrix {
  readonly type: BlockType;
  readonly shape: readonly [rows: number, columns: number];
  /** Eight bits: `[rows, columns]`. Four: `[rows, columns / 2]`, byte j holds column j and, above, column j + columns / 2. */
  readonly values: Int8Array | Uint8Array;
  readonly scales: BlockFactors;
  readonly minimums?: BlockFactors;
}

/** An empty matrix of a type, to be filled by {@link splitRows}. Errors: RangeError for a width that the type cannot have. */
export function emptyBlocks(type: BlockType, shape: readonly [number, number]): BlockMatrix {
  const [rows, columns] = shape;
  const { bits, block, superBlock, minimum } = blockForms[type];
  if (columns % ggmlTypes[type].elements !== 0) {
    throw new RangeError(
      `Rows of ${columns} numbers are no multiple of ${ggmlTypes[type].elements}, the block of ${type}.`,
    );
  }
  const count = (rows * columns) / block;
  const factors = (): BlockFactors =>
    superBlock === undefined
      ? { own: new Uint16Array(count) }
      : { own: new Int8Array(count), shared: new Uint16Array((rows * columns) / superBlock) };
  return {
    type,
    shape,
    values: bits === 8 ? new Int8Array(rows * columns) : new Uint8Array((rows * columns) / 2),
    scales: factors(),
    ...(minimum ? { minimums: factors() } : {}),
  };
}

/** Bytes that a weight of a type takes in memory, its factors included. */
export function bytesPerWeight(type: BlockType): number {
  const { bits, block, superBlock, minimum } = blockForms[type];
  const factor = superBlock === undefined ? 2 / block : 1 / block + 2 / superBlock;
  return bits / 8 + (minimum ? 2 : 1) * factor;
}

/** A matrix as 32-bit floats: the very numbers that llama.cpp decodes. */
export function decodeBlocks(matrix: BlockMatrix): Float32Array {
  const { type, shape, values, scales, minimums } = matrix;
  const [rows, columns] = shape;
  const { bits, block, superBlock, offset } = blockForms[type];
  const factor = factorsOf(scales, block, superBlock);
  const minimum = minimums === undefined ? undefined : factorsOf(minimums, block, superBlock);
  const decoded = new Float32Array(rows * columns);
  const half = columns / 2;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const packed = bits === 4 ? (values[row * half + (column % half)] ?? 0) : (values[at] ?? 0);
      const q = bits === 8 ? packed : column < half ? packed & 15 : packed >> 4;
      const index = Math.floor(at / block);
      const product = Math.fround((q - offset) * factor(index));
      decoded[at] = minimum === undefined ? product : product - minimum(index);
    }
  }
  return decoded;
}

/** The factor of each block; products of a small integer and a 16-bit float are exact. */
function factorsOf(
  { own, shared }: BlockFactors,
  block: number,
  superBlock = block,
): (index: number) => number {
  if (shared === undefined) {
    const floats = new Float16Array(own.buffer, own.byteOffset, own.length);
    return (index) => floats[index] ?? NaN;
  }
  const floats = new Float16Array(shared.buffer, shared.byteOffset, shared.length);
  const blocks = superBlock / block;
  return (index) => (own[index] ?? 0) * (floats[Math.floor(index / blocks)] ?? NaN);
}
