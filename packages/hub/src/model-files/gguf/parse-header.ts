import { ModelFileInvalid, quoted } from "../invalid.ts";
import type { FileCursor } from "./cursor.ts";
import {
  aligned,
  arrayTypeId,
  defaultAlignment,
  elementCount,
  encodedBytes,
  ggmlTypeById,
  ggmlTypes,
  ggufMagic,
  maxDimensions,
  scalarBytes,
  scalarTypeIds,
} from "./format.ts";
import type { GgufHeader, GgufScalar, GgufScalarType, GgufTensor, GgufValue } from "./format.ts";
import { GgufMetadata } from "./metadata.ts";

/** How much of a file's own claims is believed. The defaults fit every published model. */
export interface GgufLimits {
  /** Bytes of the whole header; a vocabulary of 256,000 tokens with merges takes about 12 MB. */
  headerBytes: number;
  metadataEntries: number;
  tensors: number;
  /** Bytes of one string (chat templates are the longest). */
  stringBytes: number;
  listItems: number;
}

/** Fits every published model. */
export const defaultLimits: GgufLimits = {
  headerBytes: 256 * 2 ** 20,
  metadataEntries: 65_536,
  tensors: 65_536,
  stringBytes: 4 * 2 ** 20,
  listItems: 8 * 2 ** 20,
};

/** Longest tensor name that the engine's native code accepts, its terminator left out. */
const tensorNameBytes = 63;
const keyBytes = 65_535;
const maxAlignment = 2 ** 20;

const scalarTypesById: ReadonlyMap<number, GgufScalarType> = new Map(
  Object.entries(scalarTypeIds).map(([type, id]) => [id, type as GgufScalarType]),
);

/**
 * Reads a header from its first byte and checks it against the size of the file.
 * Errors: {@link ModelFileInvalid}.
 */
export async function parseHeader(
  path: string,
  cursor: FileCursor,
  fileSize: number,
  limits: GgufLimits,
): Promise<GgufHeader> {
  const version = await readPreamble(cursor);
  const tensorCount = await readCount(cursor, "number of tensors", limits.tensors, 24);
  const entryCount = await readCount(cursor, "number of metadata entries", limits.metadataEntries, 13);
  const metadata = new GgufMetadata();
  for (let index = 0; index < entryCount; index++) {
    const key = await readName(cursor, "metadata key", keyBytes);
    if (metadata.has(key)) throw new ModelFileInvalid(`The metadata key ${quoted(key)} occurs twice.`);
    metadata.set(key, await readValue(cursor, key, limits));
  }
  const alignment = checkedAlignment(metadata);
  const claims: TensorClaim[] = [];
  const names = new Set<string>();
  for (let index = 0; index < tensorCount; index++) {
    const claim = await readTensorClaim(cursor);
    if (names.has(claim.name)) throw new ModelFileInvalid(`The tensor ${quoted(claim.name)} occurs twice.`);
    names.add(claim.name);
    claims.push(claim);
  }
  const dataOffset = aligned(cursor.position, alignment);
  return {
    path,
    version,
    metadata,
    tensors: place(claims, dataOffset, alignment, fileSize),
    dataOffset,
    fileSize,
  };
}

async function readPreamble(cursor: FileCursor): Promise<number> {
  if (cursor.remaining < 24) {
    throw new ModelFileInvalid(
      `A GGUF file has at least 24 bytes; this one has ${cursor.remaining}. It is empty, truncated or something else.`,
    );
  }
  await cursor.fill(8);
  const magic = cursor.u32();
  if (magic !== ggufMagic) {
    const found = magic.toString(16).padStart(8, "0");
    throw new ModelFileInvalid(
      `Not a GGUF file: it starts with 0x${found} (little-endian) in place of "GGUF". Give a .gguf file.`,
    );
  }
  const version = cursor.u32();
  if (version === 2 || version === 3) return version;
  const hint =
    version === 1
      ? "Convert it with a current llama.cpp."
      : (version & 0xffff) === 0
        ? "The file was written for big-endian machines, which is not supported."
        : "The file is damaged or newer than this program.";
  throw new ModelFileInvalid(`GGUF version ${version} is not supported, only 2 and 3. ${hint}`);
}

/** A claimed count is believed only as far as the rest of the file could hold such items. */
async function readCount(
  cursor: FileCursor,
  what: string,
  limit: number,
  smallestItemBytes: number,
): Promise<number> {
  if (!cursor.has(8)) await cursor.fill(8);
  const claimed = cursor.u64();
  const possible = Math.floor(cursor.remaining / smallestItemBytes);
  if (claimed > BigInt(limit) || claimed > BigInt(possible)) {
    throw new ModelFileInvalid(
      `The file claims a ${what} of ${claimed}; at most ${limit} are allowed and ${possible} fit in the rest of the file.`,
      { details: { claimed: String(claimed), limit, possible } },
    );
  }
  return Number(claimed);
}

async function readText(cursor: FileCursor, what: string, limit: number): Promise<string> {
  const length = await readCount(cursor, `length of the ${what}`, limit, 1);
  if (!cursor.has(length)) await cursor.fill(length);
  return cursor.text(length);
}

/** Keys and tensor names: no surprises for logs, terminals and native code. */
async function readName(cursor: FileCursor, what: string, limit: number): Promise<string> {
  const name = await readText(cursor, what, limit);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (name === "" || !name.isWellFormed() || /[\u0000-\u001f\u007f]/u.test(name)) {
    throw new ModelFileInvalid(`The ${what} ${quoted(name)} is empty or not printable text.`);
  }
  return name;
}

async function readValue(cursor: FileCursor, key: string, limits: GgufLimits): Promise<GgufValue> {
  const type = await readTypeId(cursor);
  if (type !== arrayTypeId) {
    const scalarType = scalarTypeOf(type, key);
    return { type: scalarType, value: await readScalar(cursor, scalarType, key, limits) };
  }
  const itemTypeId = await readTypeId(cursor);
  if (itemTypeId === arrayTypeId) {
    throw new ModelFileInvalid(
      `The metadata key ${quoted(key)} holds lists of lists, which is not supported.`,
    );
  }
  const itemType = scalarTypeOf(itemTypeId, key);
  const count = await readCount(
    cursor,
    `length of the list ${quoted(key)}`,
    limits.listItems,
    scalarBytes[itemType],
  );
  const value: GgufScalar[] = [];
  for (let index = 0; index < count; index++) {
    const fast = readFixed(cursor, itemType);
    value.push(fast ?? (await readScalar(cursor, itemType, key, limits)));
  }
  return { type: `${itemType}[]`, value };
}

async function readTypeId(cursor: FileCursor): Promise<number> {
  if (!cursor.has(4)) await cursor.fill(4);
  return cursor.u32();
}

function scalarTypeOf(id: number, key: string): GgufScalarType {
  const type = scalarTypesById.get(id);
  if (type === undefined) {
    throw new ModelFileInvalid(`The metadata key ${quoted(key)} has the unknown value type ${id}.`);
  }
  return type;
}

async function readScalar(
  cursor: FileCursor,
  type: GgufScalarType,
  key: string,
  limits: GgufLimits,
): Promise<GgufScalar> {
  if (type === "string") return readText(cursor, `text of ${quoted(key)}`, limits.stringBytes);
  if (!cursor.has(scalarBytes[type])) await cursor.fill(scalarBytes[type]);
  const value = readFixed(cursor, type);
  if (value === undefined) throw new ModelFileInvalid(`The value of ${quoted(key)} could not be read.`);
  return value;
}

/** A value that is already in the cursor's buffer; undefined for strings and when more must be read. */
function readFixed(cursor: FileCursor, type: GgufScalarType): GgufScalar | undefined {
  if (type === "string" || !cursor.has(scalarBytes[type])) return undefined;
  switch (type) {
    case "u8":
      return cursor.u8();
    case "i8":
      return cursor.i8();
    case "u16":
      return cursor.u16();
    case "i16":
      return cursor.i16();
    case "u32":
      return cursor.u32();
    case "i32":
      return cursor.i32();
    case "f32":
      return cursor.f32();
    case "f64":
      return cursor.f64();
    case "u64":
      return exactNumber(cursor.u64());
    case "i64":
      return exactNumber(cursor.i64());
    case "bool":
      return readBool(cursor.u8());
  }
}

function exactNumber(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function readBool(byte: number): boolean {
  if (byte > 1)
    throw new ModelFileInvalid(`A boolean in the header is stored as ${byte}; only 0 and 1 are allowed.`);
  return byte === 1;
}

function checkedAlignment(metadata: GgufMetadata): number {
  const alignment = metadata.optionalNumber("general.alignment") ?? defaultAlignment;
  const isPowerOfTwo = Number.isInteger(alignment) && alignment > 0 && Number.isInteger(Math.log2(alignment));
  if (!isPowerOfTwo || alignment > maxAlignment) {
    throw new ModelFileInvalid(
      `general.alignment must be a power of two up to ${maxAlignment}; found ${alignment}.`,
    );
  }
  return alignment;
}

/** A tensor as the header describes it, not yet checked against the file. */
type TensorClaim = Pick<GgufTensor, "name" | "shape" | "type" | "byteLength"> & { relativeOffset: bigint };

async function readTensorClaim(cursor: FileCursor): Promise<TensorClaim> {
  const name = await readName(cursor, "tensor name", tensorNameBytes);
  await cursor.fill(4);
  const dimensions = cursor.u32();
  if (dimensions < 1 || dimensions > maxDimensions) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} has ${dimensions} dimensions; 1 to ${maxDimensions} are allowed.`,
    );
  }
  await cursor.fill(8 * dimensions + 12);
  const reversed: bigint[] = [];
  for (let axis = 0; axis < dimensions; axis++) reversed.push(cursor.u64());
  const typeId = cursor.u32();
  const relativeOffset = cursor.u64();
  const product = reversed.reduce((total, size) => total * size, 1n);
  // 2^48 elements are 16,000 times the largest published model; up to there doubles are exact.
  if (product < 1n || product > 2n ** 48n) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} has the impossible shape [${reversed.toReversed().join(", ")}].`,
    );
  }
  const type = ggmlTypeById(typeId);
  if (type === undefined) {
    throw new ModelFileInvalid(`The tensor ${quoted(name)} has the unknown type ${typeId}.`);
  }
  const shape = reversed.map(Number).toReversed();
  const rowLength = shape.at(-1) ?? 0;
  const { elements } = ggmlTypes[type];
  if (rowLength % elements !== 0) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} has rows of ${rowLength} numbers, which is not a multiple of ${elements}, the block of ${type}.`,
    );
  }
  return { name, shape, type, byteLength: encodedBytes(type, elementCount(shape)), relativeOffset };
}

/**
 * Checks that the tensors follow each other without gap or overlap (as the engine also
 * demands) and end inside the file.
 */
function place(
  claims: readonly TensorClaim[],
  dataOffset: number,
  alignment: number,
  fileSize: number,
): Map<string, GgufTensor> {
  const tensors = new Map<string, GgufTensor>();
  let expected = 0;
  for (const { name, shape, type, byteLength, relativeOffset } of claims) {
    if (relativeOffset !== BigInt(expected)) {
      throw new ModelFileInvalid(
        `The tensor ${quoted(name)} is said to start ${relativeOffset} bytes into the tensor section; ${expected} was expected, right after the one before it.`,
      );
    }
    const offset = dataOffset + expected;
    if (offset + byteLength > fileSize) {
      throw new ModelFileInvalid(
        `The tensor ${quoted(name)} ends at byte ${offset + byteLength}, past the end of the file at ${fileSize}. The file is truncated or damaged; fetch it again.`,
        { details: { tensor: name, end: offset + byteLength, fileSize } },
      );
    }
    tensors.set(name, { name, shape, type, offset, byteLength });
    expected += aligned(byteLength, alignment);
  }
  return tensors;
}
