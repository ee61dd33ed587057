import { blockForms } from "./blocks.ts";
import type { BlockFactors, BlockMatrix, BlockType } from "./blocks.ts";
import { ggmlTypes } from "./format.ts";

/** Where the parts of one block of the file go. */
interface Target {
  /** One row's q, in the order of its columns. */
  readonly row: Int8Array;
  readonly scales: BlockFactors;
  readonly minimums: BlockFactors | undefined;
}

/**
 * Reads one block.
 *
 * @param at of the block in `bytes`
 * @param column of its first value in the row
 * @param block index of its first scale in the matrix
 */
type ReadBlock = (bytes: Uint8Array, at: number, target: Target, column: number, block: number) => void;

/**
 * Puts rows of a tensor as they are in the file into a matrix.
 *
 * @param bytes whole rows
 * @param firstRow of the matrix that they fill
 * Source: the block structures in ggml-common.h and dequantize_row_* in ggml-quants.c.
 */
export function splitRows(matrix: BlockMatrix, bytes: Uint8Array, firstRow: number): void {
  const { type, shape, values } = matrix;
  const columns = shape[1];
  const { elements, bytes: blockBytes } = ggmlTypes[type];
  const { bits, block } = blockForms[type];
  const rowBytes = (columns / elements) * blockBytes;
  const readBlock = readers[type];
  const target: Target = { row: new Int8Array(columns), scales: matrix.scales, minimums: matrix.minimums };
  for (let index = 0; index < bytes.length / rowBytes; index++) {
    const row = firstRow + index;
    for (let part = 0; part < columns / elements; part++) {
      const at = index * rowBytes + part * blockBytes;
      readBlock(bytes, at, target, part * elements, (row * columns + part * elements) / block);
    }
    if (bits === 8) values.set(target.row, row * columns);
    else packRow(target.row, values, (row * columns) / 2);
  }
}

function packRow(row: Int8Array, values: Int8Array | Uint8Array, at: number): void {
  const half = row.length / 2;
  for (let column = 0; column < half; column++) {
    values[at + column] = (row[column] ?? 0) | ((row[column + half] ?? 0) << 4);
  }
}

function half(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** The sign of a 16-bit float, as a mask: ggml adds some minimums that this form subtracts. */
const signBit = 0x8000;

const readQ8: ReadBlock = (bytes, at, { row, scales }, column, block) => {
  scales.own[block] = half(bytes, at);
  for (let i = 0; i < 32; i++) row[column + i] = bytes[at + 2 + i] ?? 0;
};

/** Q4_0, Q4_1, Q5_0, Q5_1: the first 16 values in the low halves of the bytes; the fifth bits in one word. */
function readNibbles(options: { minimum: boolean; fifth: boolean; offset: number }): ReadBlock {
  const { minimum, fifth, offset } = options;
  return (bytes, at, { row, scales, minimums }, column, block) => {
    scales.own[block] = half(bytes, at);
    let from = at + 2;
    if (minimum && minimums !== undefined) {
      minimums.own[block] = half(bytes, from) ^ signBit;
      from += 2;
    }
    let high = 0;
    if (fifth) {
      high = half(bytes, from) | (half(bytes, from + 2) << 16);
      from += 4;
    }
    for (let i = 0; i < 16; i++) {
      const byte = bytes[from + i] ?? 0;
      row[column + i] = ((byte & 15) | (((high >>> i) & 1) << 4)) - offset;
      row[column + i + 16] = ((byte >> 4) | (((high >>> (i + 16)) & 1) << 4)) - offset;
    }
  };
}

/** Q4_K, Q5_K: d, dmin, eight scales and minimums of six bits in twelve bytes, the fifth bits, the nibbles. */
function readSuperBlock(fifth: boolean): ReadBlock {
  return (bytes, at, { row, scales, minimums }, column, block) => {
    const whole = block / 8;
    if (scales.shared !== undefined) scales.shared[whole] = half(bytes, at);
    if (minimums?.shared !== undefined) minimums.shared[whole] = half(bytes, at + 2);
    const packed = (index: number) => bytes[at + 4 + index] ?? 0;
    for (let i = 0; i < 8; i++) {
      const [scale, minimum] =
        i < 4
          ? [packed(i) & 63, packed(i + 4) & 63]
          : [
              (packed(i + 4) & 15) | ((packed(i - 4) >> 6) << 4),
              (packed(i + 4) >> 4) | ((packed(i) >> 6) << 4),
            ];
      scales.own[block + i] = scale;
      if (minimums !== undefined) minimums.own[block + i] = minimum;
    }
    const highBits = at + 16;
    const nibbles = fifth ? at + 48 : at + 16;
    for (let i = 0; i < 128; i++) {
      const byte = bytes[nibbles + i] ?? 0;
      const pair = i >> 5;
      const to = column + pair * 64 + (i & 31);
      const high = fifth ? (bytes[highBits + (i & 31)] ?? 0) >> (2 * pair) : 0;
      row[to] = (byte & 15) | ((high & 1) << 4);
      row[to + 32] = (byte >> 4) | ((high & 2) << 3);
    }
  };
}

/** Q6_K: low four bits, high two bits, sixteen signed scales, d. */
const readQ6: ReadBlock = (bytes, at, { row, scales }, column, block) => {
  if (scales.shared !== undefined) scales.shared[block / 16] = half(bytes, at + 208);
  for (let i = 0; i < 16; i++) scales.own[block + i] = bytes[at + 192 + i] ?? 0;
  for (let i = 0; i < 64; i++) {
    const [part, index] = [i >> 5, i & 31];
    const low = at + part * 64 + index;
    const [first, second] = [bytes[low] ?? 0, bytes[low + 32] ?? 0];
    const high = bytes[at + 128 + part * 32 + index] ?? 0;
    const to = column + part * 128 + index;
    row[to] = ((first & 15) | ((high & 3) << 4)) - 32;
    row[to + 32] = ((second & 15) | ((high & 12) << 2)) - 32;
    row[to + 64] = ((first >> 4) | (high & 48)) - 32;
    row[to + 96] = ((second >> 4) | ((high & 192) >> 2)) - 32;
  }
};

const readers: Readonly<Record<BlockType, ReadBlock>> = {
  Q8_0: readQ8,
  Q4_0: readNibbles({ minimum: false, fifth: false, offset: 0 }),
  Q4_1: readNibbles({ minimum: true, fifth: false, offset: 0 }),
  Q5_0: readNibbles({ minimum: false, fifth: true, offset: 16 }),
  Q5_1: readNibbles({ minimum: true, fifth: true, offset: 0 }),
  Q4_K: readSuperBlock(false),
  Q5_K: readSuperBlock(true),
  Q6_K: readQ6,
};
