import type { GgufMetadata } from "./metadata.ts";

/** First four bytes of every GGUF file, read as a little-endian number ("GGUF"). */
export const ggufMagic = 0x46554747;

/** Tensor data starts at, and is padded to, multiples of this unless `general.alignment` says otherwise. */
export const defaultAlignment = 32;

/** The format allows at most this many dimensions in a tensor. */
export const maxDimensions = 4;

interface BlockLayout {
  /** Number in the file. */
  readonly id: number;
  /** Elements that are encoded together; a row must be a multiple of it. */
  readonly elements: number;
  /** Bytes of one block. */
  readonly bytes: number;
}

const layouts = {
  F32: { id: 0, elements: 1, bytes: 4 },
  F16: { id: 1, elements: 1, bytes: 2 },
  Q4_0: { id: 2, elements: 32, bytes: 18 },
  Q4_1: { id: 3, elements: 32, bytes: 20 },
  Q5_0: { id: 6, elements: 32, bytes: 22 },
  Q5_1: { id: 7, elements: 32, bytes: 24 },
  Q8_0: { id: 8, elements: 32, bytes: 34 },
  Q8_1: { id: 9, elements: 32, bytes: 36 },
  Q2_K: { id: 10, elements: 256, bytes: 84 },
  Q3_K: { id: 11, elements: 256, bytes: 110 },
  Q4_K: { id: 12, elements: 256, bytes: 144 },
  Q5_K: { id: 13, elements: 256, bytes: 176 },
  Q6_K: { id: 14, elements: 256, bytes: 210 },
  Q8_K: { id: 15, elements: 256, bytes: 292 },
  IQ2_XXS: { id: 16, elements: 256, bytes: 66 },
  IQ2_XS: { id: 17, elements: 256, bytes: 74 },
  IQ3_XXS: { id: 18, elements: 256, bytes: 98 },
  IQ1_S: { id: 19, elements: 256, bytes: 50 },
  IQ4_NL: { id: 20, elements: 32, bytes: 18 },
  IQ3_S: { id: 21, elements: 256, bytes: 110 },
  IQ2_S: { id: 22, elements: 256, bytes: 82 },
  IQ4_XS: { id: 23, elements: 256, bytes: 136 },
  I8: { id: 24, elements: 1, bytes: 1 },
  I16: { id: 25, elements: 1, bytes: 2 },
  I32: { id: 26, elements: 1, bytes: 4 },
  I64: { id: 27, elements: 1, bytes: 8 },
  F64: { id: 28, elements: 1, bytes: 8 },
  IQ1_M: { id: 29, elements: 256, bytes: 56 },
  BF16: { id: 30, elements: 1, bytes: 2 },
  TQ1_0: { id: 34, elements: 256, bytes: 54 },
  TQ2_0: { id: 35, elements: 256, bytes: 66 },
  MXFP4: { id: 39, elements: 32, bytes: 17 },
} as const satisfies Record<string, BlockLayout>;

/** How the numbers of a tensor are stored; the names are ggml's. */
export type GgmlTypeName = keyof typeof layouts;

/** Block size in elements and bytes of every tensor type (source: ggml's type traits table). */
export const ggmlTypes: Readonly<Record<GgmlTypeName, BlockLayout>> = layouts;

const ggmlTypesById: ReadonlyMap<number, GgmlTypeName> = new Map(
  Object.entries(layouts).map(([name, layout]) => [layout.id, name as GgmlTypeName]),
);

/** The tensor type with this number in the file, or undefined when the number is unknown. */
export function ggmlTypeById(id: number): GgmlTypeName | undefined {
  return ggmlTypesById.get(id);
}

/** Type of a metadata value that is not a list. */
export type GgufScalarType =
  | "u8"
  | "i8"
  | "u16"
  | "i16"
  | "u32"
  | "i32"
  | "f32"
  | "bool"
  | "string"
  | "u64"
  | "i64"
  | "f64";

/** Type of a metadata value; a list carries the type of its members. */
export type GgufValueType = GgufScalarType | `${GgufScalarType}[]`;

/** Number of each scalar type in the file. A list is number 9, followed by that of its members. */
export const scalarTypeIds: Readonly<Record<GgufScalarType, number>> = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  u64: 10,
  i64: 11,
  f64: 12,
};
export const arrayTypeId = 9;

/** Bytes of each scalar type; of a string, those of its length field. */
export const scalarBytes: Readonly<Record<GgufScalarType, number>> = {
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  bool: 1,
  string: 8,
  u64: 8,
  i64: 8,
  f64: 8,
};

/** A 64-bit integer that a double cannot hold exactly stays a bigint. */
export type GgufScalar = number | bigint | boolean | string;

/** A metadata value as read: its type in the file and what it says. */
export interface GgufValue {
  readonly type: GgufValueType;
  readonly value: GgufScalar | readonly GgufScalar[];
}

/** Where a tensor lies in its file. */
export interface GgufTensor {
  readonly name: string;
  /** Row-major: `[out, in]` for a linear layer, `[rows, dim]` for an embedding. */
  readonly shape: readonly number[];
  readonly type: GgmlTypeName;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** Everything in a GGUF file but the numbers of its tensors. */
export interface GgufHeader {
  readonly path: string;
  readonly version: number;
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Bytes from the start of the file to the tensor data. */
  readonly dataOffset: number;
  readonly fileSize: number;
}

/** Number of elements of a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Bytes that `elements` numbers take in this type; `elements` must be a multiple of the type's block. */
export function encodedBytes(type: GgmlTypeName, elements: number): number {
  const layout = ggmlTypes[type];
  return (elements / layout.elements) * layout.bytes;
}

/** Smallest multiple of `alignment` that is not below `bytes`. */
export function aligned(bytes: number, alignment: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
