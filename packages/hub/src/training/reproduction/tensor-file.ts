import { encodedBytes, elementCount, ggmlTypes, type GgmlTypeName } from "../../model-files/gguf/format.ts";
import { bf16ToF32, decodeQ8, f16ToF32, f32FromBytes } from "../../model-files/gguf/quantise.ts";
import { readGgufHeader } from "../../model-files/gguf/read.ts";
import { readSafetensorsHeader } from "../../model-files/safetensors.ts";

/** One tensor of a file as far as it is compared. */
export interface ComparedTensor {
  name: string;
  /** Row-major. */
  shape: readonly number[];
  type: string;
  /** Bytes from the file's beginning. */
  offset: number;
  byteLength: number;
  /** Bytes of `elements` numbers from a multiple of the block on. */
  bytesOf: (elements: number) => number;
  /** Null: numbers of this type are not read here, only their bytes compared. */
  decode: ((bytes: Uint8Array) => Float32Array) | null;
}

/** A file of numbers with what it says of itself, each entry as text. */
export interface TensorFile {
  entries: ReadonlyMap<string, string>;
  /** In the order of the file. */
  tensors: readonly ComparedTensor[];
}

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Float32Array>> = {
  F32: f32FromBytes,
  F16: f16ToF32,
  BF16: bf16ToF32,
  Q8_0: decodeQ8,
};

/** Reads the header of a GGUF or safetensors file by its name; null for any other file. Throws where it is not valid. */
export async function readTensorFile(name: string, path: string): Promise<TensorFile | null> {
  if (name.endsWith(".gguf")) return readGguf(path);
  return name.endsWith(".safetensors") ? readSafetensors(path) : null;
}

async function readGguf(path: string): Promise<TensorFile> {
  const header = await readGgufHeader(path);
  const entries = [...header.metadata].map(([key, { type, value }]): [string, string] => [
    key,
    `${type} ${JSON.stringify(value, (_, each: unknown) => (typeof each === "bigint" ? String(each) : each))}`,
  ]);
  return {
    entries: new Map(entries),
    tensors: [...header.tensors.values()].toSorted(inFile).map((tensor) => ({
      ...tensor,
      bytesOf: (elements) => bytesOfType(tensor.type, elements),
      decode: decoders[tensor.type] ?? null,
    })),
  };
}

async function readSafetensors(path: string): Promise<TensorFile> {
  const header = await readSafetensorsHeader(path);
  return {
    entries: header.metadata,
    tensors: [...header.tensors.values()].toSorted(inFile).map((tensor) => {
      const elementBytes = tensor.byteLength / Math.max(1, elementCount(tensor.shape));
      return {
        ...tensor,
        bytesOf: (elements) => elements * elementBytes,
        decode: decoders[tensor.type] ?? null,
      };
    }),
  };
}

function bytesOfType(type: GgmlTypeName, elements: number): number {
  const { elements: block } = ggmlTypes[type];
  return encodedBytes(type, Math.ceil(elements / block) * block);
}

function inFile(one: { offset: number }, other: { offset: number }): number {
  return one.offset - other.offset;
}
