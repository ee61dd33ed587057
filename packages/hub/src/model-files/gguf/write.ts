import { writeAtomically, writeFully } from "../atomic-file.ts";
import {
  aligned,
  arrayTypeId,
  defaultAlignment,
  elementCount,
  encodedBytes,
  ggmlTypes,
  ggufMagic,
  scalarTypeIds,
} from "./format.ts";
import type { GgufScalar, GgufScalarType, GgufValue, GgufValueType } from "./format.ts";
import { encodeQ4K, encodeQ6K } from "./encode-k-quants.ts";
import { encodeQ8, f32ToF16 } from "./quantise.ts";

/** A metadata entry to write: key, type in the file, value. */
export type GgufEntry = [key: string, type: GgufValueType, value: GgufValue["value"]];

/** The types that can be written. */
export type GgufWriteType = "F32" | "F16" | "Q8_0" | "Q4_K" | "Q6_K";

/**
 * The numbers of a tensor, row-major: all at once, or a function that gives them in pieces when
 * their turn comes (each piece a multiple of the type's block long), so that a large model is never in memory.
 */
export type TensorSource = Float32Array | (() => Iterable<Float32Array> | AsyncIterable<Float32Array>);

export interface GgufTensorToWrite {
  name: string;
  /** Row-major, `[out, in]`. */
  shape: readonly number[];
  type: GgufWriteType;
  data: TensorSource;
}

/** Numbers that are encoded and written together: 4 MB of floats. */
const sliceElements = 2 ** 20;

/**
 * Writes a GGUF file, version 3, alignment 32. Equal input gives equal bytes. The file appears
 * under its name only when it is complete and on the disk.
 *
 * Errors: RangeError when a tensor's numbers do not match its shape or type; the system's own
 * error when the disk is full.
 */
export async function writeGguf(
  path: string,
  model: { metadata: readonly GgufEntry[]; tensors: readonly GgufTensorToWrite[] },
): Promise<void> {
  const header = encodeHeader(model.metadata, model.tensors);
  await writeAtomically(path, async (file) => {
    await writeFully(file, header);
    for (const tensor of model.tensors) {
      let elements = 0;
      for await (const slice of slices(tensor.data)) {
        elements += slice.length;
        await writeFully(file, encode(tensor, slice));
      }
      if (elements !== elementCount(tensor.shape)) {
        throw new RangeError(
          `The tensor ${tensor.name} of shape [${tensor.shape.join(", ")}] needs ${elementCount(tensor.shape)} numbers; ${elements} were given.`,
        );
      }
      const bytes = encodedBytes(tensor.type, elements);
      const padding = aligned(bytes, defaultAlignment) - bytes;
      if (padding > 0) await writeFully(file, new Uint8Array(padding));
    }
  });
}

async function* slices(source: TensorSource): AsyncGenerator<Float32Array> {
  const pieces = source instanceof Float32Array ? [source] : source();
  for await (const piece of pieces) {
    for (let start = 0; start < piece.length; start += sliceElements) {
      yield piece.subarray(start, start + sliceElements);
    }
  }
}

const encoders = { Q8_0: encodeQ8, Q4_K: encodeQ4K, Q6_K: encodeQ6K } as const;

function encode(tensor: GgufTensorToWrite, values: Float32Array): Uint8Array {
  switch (tensor.type) {
    case "F32":
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case "F16":
      return f32ToF16(values);
    case "Q8_0":
    case "Q4_K":
    case "Q6_K":
      try {
        return encoders[tensor.type](values);
      } catch (error) {
        throw new RangeError(`The tensor ${tensor.name} cannot be written as ${tensor.type}.`, {
          cause: error,
        });
      }
  }
}

function encodeHeader(metadata: readonly GgufEntry[], tensors: readonly GgufTensorToWrite[]): Buffer {
  const parts: Buffer[] = [];
  parts.push(fixed("u32", ggufMagic), fixed("u32", 3));
  parts.push(fixed("u64", tensors.length), fixed("u64", metadata.length));
  for (const [key, type, value] of metadata) parts.push(text(key), ...encodeValue(key, type, value));
  let offset = 0;
  for (const { name, shape, type } of tensors) {
    if ((shape.at(-1) ?? 0) % ggmlTypes[type].elements !== 0) {
      throw new RangeError(
        `The tensor ${name} has rows of ${shape.at(-1)} numbers; ${type} needs a multiple of ${ggmlTypes[type].elements}.`,
      );
    }
    parts.push(text(name), fixed("u32", shape.length));
    for (const size of shape.toReversed()) parts.push(fixed("u64", size));
    parts.push(fixed("u32", ggmlTypes[type].id), fixed("u64", offset));
    offset += aligned(encodedBytes(type, elementCount(shape)), defaultAlignment);
  }
  const length = parts.reduce((total, part) => total + part.length, 0);
  parts.push(Buffer.alloc(aligned(length, defaultAlignment) - length));
  return Buffer.concat(parts);
}

function encodeValue(key: string, type: GgufValueType, value: GgufValue["value"]): Buffer[] {
  if (!type.endsWith("[]")) {
    if (typeof value === "object")
      throw new RangeError(`The metadata key ${key} is ${type}; a list was given.`);
    const scalarType = type as GgufScalarType;
    return [fixed("u32", scalarTypeIds[scalarType]), fixed(scalarType, value)];
  }
  if (typeof value !== "object")
    throw new RangeError(`The metadata key ${key} is a list; a single value was given.`);
  const itemType = type.slice(0, -2) as GgufScalarType;
  const parts = [
    fixed("u32", arrayTypeId),
    fixed("u32", scalarTypeIds[itemType]),
    fixed("u64", value.length),
  ];
  for (const item of value) parts.push(fixed(itemType, item));
  return parts;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "utf8");
  return Buffer.concat([fixed("u64", bytes.length), bytes]);
}

function fixed(type: GgufScalarType, value: GgufScalar): Buffer {
  if (type === "string") return text(String(value));
  const bytes = Buffer.alloc(8);
  switch (type) {
    case "u8":
      return bytes.subarray(0, bytes.writeUInt8(Number(value)));
    case "i8":
      return bytes.subarray(0, bytes.writeInt8(Number(value)));
    case "u16":
      return bytes.subarray(0, bytes.writeUInt16LE(Number(value)));
    case "i16":
      return bytes.subarray(0, bytes.writeInt16LE(Number(value)));
    case "u32":
      return bytes.subarray(0, bytes.writeUInt32LE(Number(value)));
    case "i32":
      return bytes.subarray(0, bytes.writeInt32LE(Number(value)));
    case "f32":
      return bytes.subarray(0, bytes.writeFloatLE(Number(value)));
    case "f64":
      return bytes.subarray(0, bytes.writeDoubleLE(Number(value)));
    case "bool":
      return bytes.subarray(0, bytes.writeUInt8(value === true ? 1 : 0));
    case "u64":
      return bytes.subarray(0, bytes.writeBigUInt64LE(BigInt(value)));
    case "i64":
      return bytes.subarray(0, bytes.writeBigInt64LE(BigInt(value)));
  }
}
