import { z } from "zod";
import { writeAtomically, writeFully } from "./atomic-file.ts";
import { bf16ToF32, f16ToF32, f32FromBytes, f32ToF16 } from "./gguf/quantise.ts";
import { ModelFileInvalid, quoted } from "./invalid.ts";
import { openRegularFile, readExactly } from "./regular-file.ts";

/** Bytes of one number of each type that the format knows. */
const typeBytes: ReadonlyMap<string, number> = new Map([
  ["BOOL", 1],
  ["U8", 1],
  ["I8", 1],
  ["F8_E5M2", 1],
  ["F8_E4M3", 1],
  ["U16", 2],
  ["I16", 2],
  ["F16", 2],
  ["BF16", 2],
  ["U32", 4],
  ["I32", 4],
  ["F32", 4],
  ["U64", 8],
  ["I64", 8],
  ["F64", 8],
]);

const headerLimit = 16 * 2 ** 20;

const tensorSchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()).max(16),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const metadataSchema = z.record(z.string(), z.string());
const headerSchema = z.record(z.string(), z.unknown());

export interface SafetensorsTensor {
  readonly name: string;
  readonly type: string;
  /** Row-major. */
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
}

/**
 * Reads the header of a safetensors file and checks that every tensor lies inside the file, has the
 * size that its shape says, and shares no byte with another.
 *
 * Errors: {@link ModelFileInvalid} with what was found. Source: the safetensors format description.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size < 10)
      throw new ModelFileInvalid(`A safetensors file has at least 10 bytes; this one has ${size}.`);
    const prefix = await readExactly(file, 0, 8);
    const length = new DataView(prefix.buffer).getBigUint64(0, true);
    if (length > BigInt(headerLimit) || length > BigInt(size - 8)) {
      throw new ModelFileInvalid(
        `The safetensors header claims ${length} bytes; at most ${headerLimit} are allowed and the file has ${size}.`,
      );
    }
    const dataOffset = 8 + Number(length);
    const entries = parseJson(await readExactly(file, 8, Number(length)));
    const { __metadata__: metadata = {}, ...claims } = entries;
    const tensors = new Map<string, SafetensorsTensor>();
    for (const [name, claim] of Object.entries(claims))
      tensors.set(name, checkedTensor(name, claim, dataOffset, size));
    refuseOverlaps(tensors.values());
    const parsed = metadataSchema.safeParse(metadata);
    if (!parsed.success) throw new ModelFileInvalid("The safetensors __metadata__ must map text to text.");
    return { path, metadata: new Map(Object.entries(parsed.data)), tensors };
  } finally {
    await file.close();
  }
}

function parseJson(bytes: Uint8Array): Record<string, unknown> {
  try {
    return headerSchema.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch (error) {
    throw new ModelFileInvalid("The safetensors header is not a JSON object.", { cause: error });
  }
}

function checkedTensor(
  name: string,
  claim: unknown,
  dataOffset: number,
  fileSize: number,
): SafetensorsTensor {
  const parsed = tensorSchema.safeParse(claim);
  if (!parsed.success) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} is described wrongly: ${z.prettifyError(parsed.error)}.`,
    );
  }
  const {
    dtype,
    shape,
    data_offsets: [begin, end],
  } = parsed.data;
  const bytes = typeBytes.get(dtype);
  if (bytes === undefined)
    throw new ModelFileInvalid(`The tensor ${quoted(name)} has the unknown type ${quoted(dtype)}.`);
  const expected = shape.reduce((product, size) => product * BigInt(size), BigInt(bytes));
  if (end < begin || BigInt(end - begin) !== expected || dataOffset + end > fileSize) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} of ${expected} bytes is said to lie at ${begin}–${end}, in a file with ${fileSize - dataOffset} bytes of numbers.`,
    );
  }
  return { name, type: dtype, shape, offset: dataOffset + begin, byteLength: end - begin };
}

function refuseOverlaps(tensors: Iterable<SafetensorsTensor>): void {
  let previous: SafetensorsTensor | undefined;
  for (const tensor of [...tensors].toSorted((a, b) => a.offset - b.offset || a.byteLength - b.byteLength)) {
    if (previous !== undefined && tensor.offset < previous.offset + previous.byteLength) {
      throw new ModelFileInvalid(`The tensors ${quoted(previous.name)} and ${quoted(tensor.name)} overlap.`);
    }
    previous = tensor;
  }
}

const decoders: ReadonlyMap<string, (bytes: Uint8Array) => Float32Array> = new Map([
  ["F32", f32FromBytes],
  ["F16", f16ToF32],
  ["BF16", bf16ToF32],
]);

/** One tensor as 32-bit floats, row-major. Errors: {@link ModelFileInvalid} when missing or not F32, F16 or BF16. */
export async function readSafetensor(header: SafetensorsHeader, name: string): Promise<Float32Array> {
  const tensor = header.tensors.get(name);
  if (tensor === undefined) throw new ModelFileInvalid(`The file has no tensor ${quoted(name)}.`);
  const decode = decoders.get(tensor.type);
  if (decode === undefined) {
    throw new ModelFileInvalid(
      `The tensor ${quoted(name)} is stored as ${tensor.type}; only F32, F16 and BF16 can be read.`,
    );
  }
  const file = await openRegularFile(header.path);
  try {
    return decode(await readExactly(file, tensor.offset, tensor.byteLength));
  } finally {
    await file.close();
  }
}

export interface SafetensorsToWrite {
  name: string;
  /** Row-major. */
  shape: readonly number[];
  type: "F32" | "F16";
  data: Float32Array;
}

/**
 * Writes a safetensors file: tensors by size of their numbers and name, the header padded to 8
 * bytes. Equal input gives equal bytes in any order. The file appears under its name only when it is
 * complete and on the disk.
 *
 * Errors: RangeError when a tensor's numbers do not match its shape or a name occurs twice.
 */
export async function writeSafetensors(
  path: string,
  content: { tensors: readonly SafetensorsToWrite[]; metadata?: Readonly<Record<string, string>> },
): Promise<void> {
  const tensors = content.tensors.toSorted(
    (a, b) => elementBytes(b) - elementBytes(a) || (a.name < b.name ? -1 : 1),
  );
  const header = Buffer.from(JSON.stringify(headerOf(tensors, content.metadata ?? {})));
  const padded = Buffer.alloc(Math.ceil(header.length / 8) * 8, " ");
  header.copy(padded);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  await writeAtomically(path, async (file) => {
    await writeFully(file, length);
    await writeFully(file, padded);
    for (const tensor of tensors) await writeFully(file, encode(tensor));
  });
}

function elementBytes(tensor: SafetensorsToWrite): number {
  return tensor.type === "F32" ? 4 : 2;
}

function headerOf(
  tensors: readonly SafetensorsToWrite[],
  metadata: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const entries = Object.entries(metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const header: Record<string, unknown> =
    entries.length > 0 ? { __metadata__: Object.fromEntries(entries) } : {};
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type, data } = tensor;
    const expected = shape.reduce((product, size) => product * size, 1);
    if (data.length !== expected || Object.hasOwn(header, name) || name === "__metadata__") {
      throw new RangeError(
        `The tensor ${name} of shape [${shape.join(", ")}] needs ${expected} numbers and a name of its own; ${data.length} were given.`,
      );
    }
    const end = offset + data.length * elementBytes(tensor);
    header[name] = { dtype: type, shape, data_offsets: [offset, end] };
    offset = end;
  }
  return header;
}

function encode({ type, data }: SafetensorsToWrite): Uint8Array {
  return type === "F16" ? f32ToF16(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
