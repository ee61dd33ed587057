import type { FileDifference } from "@hearth/wire/hub/reproduction";
import { elementCount } from "../../model-files/gguf/format.ts";
import { ModelFileInvalid } from "../../model-files/invalid.ts";
import { openRegularFile, readExactly } from "../../model-files/regular-file.ts";
import { compareBytes } from "./compare-bytes.ts";
import { readTensorFile, type ComparedTensor, type TensorFile } from "./tensor-file.ts";

/** Numbers that are read at once; a multiple of every block. */
const sliceElements = 2 ** 20;
const shownCharacters = 200;

const nothing = { name: null, index: null, offset: null, differing: null, elements: null, largest: null };

/**
 * Where two files that should be the same begin to differ: in what they say of themselves, then
 * tensor by tensor in the order of the file; files of another form, or that cannot be read as
 * models, by their bytes. Null when every byte is the same. `file` is the name that decides the form.
 */
export async function compareModelFiles(
  file: string,
  expected: string,
  actual: string,
): Promise<FileDifference | null> {
  const [first, second] = await Promise.all([readOrNull(file, expected), readOrNull(file, actual)]);
  if (first === null || second === null) return compareBytes(file, expected, actual);
  const described = compareEntries(file, first, second) ?? compareLayouts(file, first, second);
  if (described !== null) return described;
  for (const [index, tensor] of first.tensors.entries()) {
    const other = second.tensors[index];
    if (other === undefined) break;
    const difference = await compareTensors(file, [expected, tensor], [actual, other]);
    if (difference !== null) return difference;
  }
  // Padding, and what else no reader looks at.
  return compareBytes(file, expected, actual);
}

async function readOrNull(file: string, path: string): Promise<TensorFile | null> {
  try {
    return await readTensorFile(file, path);
  } catch (error) {
    if (error instanceof ModelFileInvalid) return null;
    throw error;
  }
}

function compareEntries(file: string, one: TensorFile, other: TensorFile): FileDifference | null {
  for (const name of new Set([...one.entries.keys(), ...other.entries.keys()])) {
    const [expected, actual] = [one.entries.get(name), other.entries.get(name)];
    if (expected === actual) continue;
    return { file, kind: "header", ...nothing, name, expected: shown(expected), actual: shown(actual) };
  }
  return null;
}

function compareLayouts(file: string, one: TensorFile, other: TensorFile): FileDifference | null {
  const most = Math.max(one.tensors.length, other.tensors.length);
  for (let index = 0; index < most; index++) {
    const [expected, actual] = [layoutOf(one.tensors[index]), layoutOf(other.tensors[index])];
    if (expected === actual) continue;
    const name = one.tensors[index]?.name ?? other.tensors[index]?.name ?? null;
    return { file, kind: "header", ...nothing, name, expected: shown(expected), actual: shown(actual) };
  }
  return null;
}

function layoutOf(tensor: ComparedTensor | undefined): string | undefined {
  return tensor === undefined ? undefined : `${tensor.name} ${tensor.type} [${tensor.shape.join(", ")}]`;
}

async function compareTensors(
  file: string,
  [path, tensor]: [string, ComparedTensor],
  [otherPath, other]: [string, ComparedTensor],
): Promise<FileDifference | null> {
  const elements = elementCount(tensor.shape);
  await using handles = new AsyncDisposableStack();
  const handle = handles.use(await openRegularFile(path));
  const otherHandle = handles.use(await openRegularFile(otherPath));
  let found: FileDifference | null = null;
  for (let from = 0; from < elements; from += sliceElements) {
    const start = tensor.bytesOf(from);
    const length = tensor.bytesOf(Math.min(elements, from + sliceElements)) - start;
    const mine = await readExactly(handle, tensor.offset + start, length);
    const theirs = await readExactly(otherHandle, other.offset + start, length);
    if (Buffer.compare(mine, theirs) === 0) continue;
    if (tensor.decode === null) {
      const at = mine.findIndex((byte, place) => byte !== theirs[place]);
      const [one, two] = [hexOf(mine, at), hexOf(theirs, at)];
      const place = { name: tensor.name, elements, offset: tensor.offset + start + at };
      return { file, kind: "tensor", ...nothing, ...place, expected: one, actual: two };
    }
    found = countNumbers(found, { file, tensor, from }, tensor.decode(mine), tensor.decode(theirs));
  }
  return found;
}

/** Adds the numbers of a slice that differ to what the slices before had. */
function countNumbers(
  before: FileDifference | null,
  { file, tensor, from }: { file: string; tensor: ComparedTensor; from: number },
  expected: Float32Array,
  actual: Float32Array,
): FileDifference | null {
  let found = before;
  for (const [index, value] of expected.entries()) {
    const other = actual[index] ?? NaN;
    if (Object.is(value, other)) continue;
    found ??= {
      file,
      kind: "tensor",
      name: tensor.name,
      index: placeOf(from + index, tensor.shape),
      offset: null,
      expected: String(value),
      actual: String(other),
      differing: 0,
      elements: elementCount(tensor.shape),
      largest: null,
    };
    const size = Math.abs(value - other);
    found.differing = (found.differing ?? 0) + 1;
    if (Number.isFinite(size)) found.largest = Math.max(found.largest ?? 0, size);
  }
  return found;
}

/** `[row, column]` of a row-major index. */
function placeOf(flat: number, shape: readonly number[]): number[] {
  let rest = flat;
  const place = shape.toReversed().map((size) => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  });
  return place.toReversed();
}

function hexOf(bytes: Uint8Array, at: number): string {
  return Buffer.from(bytes.subarray(at, at + 8)).toString("hex");
}

function shown(text: string | undefined): string | null {
  if (text === undefined) return null;
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text;
}
