import { ModelFileInvalid, quoted } from "../invalid.ts";
import { openRegularFile, readExactly } from "../regular-file.ts";
import { FileCursor } from "./cursor.ts";
import type { GgmlTypeName, GgufHeader, GgufTensor } from "./format.ts";
import { defaultLimits, parseHeader } from "./parse-header.ts";
import type { GgufLimits } from "./parse-header.ts";
import { bf16ToF32, decodeQ8, f16ToF32, f32FromBytes, splitQ8 } from "./quantise.ts";

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
  ["Q8_0", decodeQ8],
]);

/**
 * One tensor as 32-bit floats, row-major. F32, F16, BF16 and Q8_0 are decoded.
 * Errors: {@link ModelFileInvalid} for a missing tensor or another type, which it names.
 */
export async function readTensor(header: GgufHeader, name: string): Promise<Float32Array> {
  const { type } = tensorOf(header, name);
  const decode = decoders.get(type);
  if (decode === undefined) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} is stored as ${type}; only F32, F16, BF16 and Q8_0 can be read as numbers. Use an F16 or Q8_0 file of this model.`,
      { details: { tensor: name, type } },
    );
  }
  return decode(await readTensorBytes(header, name));
}

/**
 * A Q8_0 tensor without turning it into floats: `value = values[i] * scales[i / 32]`.
 * Undefined when the tensor is of another type.
 */
export async function readQuantisedTensor(
  header: GgufHeader,
  name: string,
): Promise<{ values: Int8Array; scales: Float32Array } | undefined> {
  if (tensorOf(header, name).type !== "Q8_0") return undefined;
  return splitQ8(await readTensorBytes(header, name));
}
