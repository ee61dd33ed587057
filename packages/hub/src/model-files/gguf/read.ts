import { ModelFileInvalid, quoted } from "../invalid.ts";
import { openRegularFile, readExactly } from "../regular-file.ts";
import { FileCursor } from "./cursor.ts";
import { blockTypes, decodeBlocks, emptyBlocks, isBlockType } from "./blocks.ts";
import type { BlockMatrix } from "./blocks.ts";
import { elementCount } from "./format.ts";
import type { GgmlTypeName, GgufHeader, GgufTensor } from "./format.ts";
import { defaultLimits, parseHeader } from "./parse-header.ts";
import type { GgufLimits } from "./parse-header.ts";
import { bf16ToF32, f16ToF32, f32FromBytes } from "./quantise.ts";
import { splitRows } from "./split-blocks.ts";

/**
 * Reads the header of a GGUF file, version 2 or 3, and checks every claim in it: counts, lengths,
 * types, shapes, and that each tensor lies inside the file. Memory follows what the file really
 * holds. Nothing outside the header is read.
 *
 * Errors: {@link ModelFileInvalid} with the field and what was found; the system's own error
 * when the file cannot be opened. Source: the GGUF specification in the ggml repository.
 */
export async function readGgufHeader(path: string, limits: Partial<GgufLimits> = {}): Promise<GgufHeader> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    const allowed = { ...defaultLimits, ...limits };
    const cursor = new FileCursor(file, size, allowed.headerBytes);
    return await parseHeader(path, cursor, size, allowed);
  } finally {
    await file.close();
  }
}

function tensorOf(header: GgufHeader, name: string): GgufTensor {
  const tensor = header.tensors.get(name);
  if (tensor === undefined) {
    throw new ModelFileInvalid(`The model file has no tensor ${quoted(name)}.`, {
      details: { tensor: name },
    });
  }
  return tensor;
}

/** The bytes of one tensor as they are in the file. Errors: {@link ModelFileInvalid} when it is missing or cut off. */
export async function readTensorBytes(header: GgufHeader, name: string): Promise<Uint8Array> {
  const tensor = tensorOf(header, name);
  const file = await openRegularFile(header.path);
  try {
    return await readExactly(file, tensor.offset, tensor.byteLength);
  } finally {
    await file.close();
  }
}

const decoders: ReadonlyMap<GgmlTypeName, (bytes: Uint8Array) => Float32Array> = new Map([
  ["F32", f32FromBytes],
  ["F16", f16ToF32],
  ["BF16", bf16ToF32],
]);

/** The types of which {@link readTensor} makes numbers. */
export const readableTypes: readonly GgmlTypeName[] = [...decoders.keys(), ...blockTypes];

/** Bytes that are read at a time where they become something else. */
const sliceBytes = 8 * 2 ** 20;

/**
 * The rows of a tensor some at a time, as they are in the file, so that only the result of what is
 * made of them is in memory as a whole.
 */
async function* rowsOf(
  header: GgufHeader,
  tensor: GgufTensor,
): AsyncGenerator<{ row: number; bytes: Uint8Array }> {
  const columns = tensor.shape.at(-1) ?? 1;
  const rows = elementCount(tensor.shape) / columns;
  const rowBytes = tensor.byteLength / rows;
  const step = Math.max(1, Math.floor(sliceBytes / rowBytes));
  const file = await openRegularFile(header.path);
  try {
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row);
      yield { row, bytes: await readExactly(file, tensor.offset + row * rowBytes, count * rowBytes) };
    }
  } finally {
    await file.close();
  }
}

/**
 * One tensor as 32-bit floats, row-major; {@link readableTypes} are decoded.
 * Errors: {@link ModelFileInvalid} for a missing tensor or another type, which it names.
 */
export async function readTensor(header: GgufHeader, name: string): Promise<Float32Array> {
  const tensor = tensorOf(header, name);
  const { type, shape } = tensor;
  const columns = shape.at(-1) ?? 1;
  const decode = decoders.get(type);
  if (decode === undefined && !isBlockType(type)) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} is stored as ${type}; only ${readableTypes.join(", ")} can be read as numbers. Use an F16 or Q8_0 file of this model.`,
      { details: { tensor: name, type } },
    );
  }
  const values = new Float32Array(elementCount(shape));
  for await (const { row, bytes } of rowsOf(header, tensor)) {
    if (decode !== undefined) values.set(decode(bytes), row * columns);
    else if (isBlockType(type)) {
      const part = emptyBlocks(type, [
        (bytes.length / tensor.byteLength) * (values.length / columns),
        columns,
      ]);
      splitRows(part, bytes, 0);
      values.set(decodeBlocks(part), row * columns);
    }
  }
  return values;
}

/**
 * A matrix without turning it into 32-bit floats: its blocks, or the bits of its 16-bit floats.
 * Undefined for a tensor of another type or of other than two dimensions.
 */
export async function readKeptMatrix(
  header: GgufHeader,
  name: string,
): Promise<BlockMatrix | Uint16Array | undefined> {
  const tensor = tensorOf(header, name);
  const { type, shape } = tensor;
  const [rows, columns] = shape;
  if (rows === undefined || columns === undefined || shape.length > 2) return undefined;
  if (type === "F16") {
    const bits = new Uint16Array(rows * columns);
    for await (const { row, bytes } of rowsOf(header, tensor)) {
      new Uint8Array(bits.buffer).set(bytes, row * columns * 2);
    }
    return bits;
  }
  if (!isBlockType(type)) return undefined;
  const matrix = emptyBlocks(type, [rows, columns]);
  for await (const { row, bytes } of rowsOf(header, tensor)) splitRows(matrix, bytes, row);
  return matrix;
}
