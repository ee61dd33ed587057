import type { BlockMatrix, BlockType } from "../../../../model-files/gguf/blocks.ts";
import { blockForms } from "../../../../model-files/gguf/blocks.ts";
import type { Graph } from "../graph/graph.ts";
import { sliceRows, toFloat, unpackNibbles } from "../graph/ops/decode.ts";
import { multiply, subtract } from "../graph/ops/elementwise.ts";
import { gatherRows } from "../graph/ops/embedding.ts";
import { reshape } from "../graph/ops/shape.ts";
import type { ElementType, Shape, Value } from "../graph/value.ts";
import { extentOf } from "../graph/value.ts";

/** How a frozen matrix can be kept: in a block type of GGUF, or as 16-bit floats. */
export type KeptType = BlockType | "F16";

/** A frozen matrix as it is kept: its blocks, or the bits of its 16-bit floats. */
export type KeptMatrix = BlockMatrix | Uint16Array;

/** One tensor that a kept matrix is fed as. */
interface KeptPart {
  readonly part: "values" | "scales" | "sharedScales" | "minimums" | "sharedMinimums";
  readonly type: ElementType;
  readonly shape: Shape;
}

/** The tensors of a kept matrix `[rows, columns]`, all with its rows as their first axis. */
export function keptParts(type: KeptType, [rows = 0, columns = 0]: Shape): KeptPart[] {
  if (type === "F16") return [{ part: "values", type: "f16", shape: [rows, columns] }];
  const { bits, block, superBlock, minimum } = blockForms[type];
  const own = { type: superBlock === undefined ? "f16" : "i8", shape: [rows, columns / block] } as const;
  const shared = { type: "f16", shape: [rows, columns / (superBlock ?? 1)] } as const;
  const parts: KeptPart[] = [
    bits === 8
      ? { part: "values", type: "i8", shape: [rows, columns] }
      : { part: "values", type: "u8", shape: [rows, columns / 2] },
    { part: "scales", ...own },
  ];
  if (superBlock !== undefined) parts.push({ part: "sharedScales", ...shared });
  if (minimum) parts.push({ part: "minimums", ...own });
  if (minimum && superBlock !== undefined) parts.push({ part: "sharedMinimums", ...shared });
  return parts;
}

/** Name under which a part of a kept matrix is fed. */
export const keptName = (name: string, part: KeptPart["part"]) => `${name}.${part}`;

/** The contents of the parts, in the order of {@link keptParts}. */
export function keptContents(matrix: KeptMatrix): (Int8Array | Uint8Array | Uint16Array)[] {
  if (matrix instanceof Uint16Array) return [matrix];
  const { values, scales, minimums } = matrix;
  return [values, scales.own, scales.shared, minimums?.own, minimums?.shared].filter(
    (contents) => contents !== undefined,
  );
}

/** A kept matrix in the graph: its parts by what they are. */
export interface KeptValue {
  readonly type: KeptType;
  readonly parts: ReadonlyMap<KeptPart["part"], Value>;
}

/** The rows that `indices` i32 `[count]` name, still as they are kept. */
export function keptRows(graph: Graph, { type, parts }: KeptValue, indices: Value): KeptValue {
  return { type, parts: mapParts(parts, (value) => gatherRows(graph, value, indices)) };
}

/** Rows from … to − 1, still as they are kept. */
export function keptSlice(graph: Graph, { type, parts }: KeptValue, from: number, to: number): KeptValue {
  return { type, parts: mapParts(parts, (value) => sliceRows(graph, value, from, to)) };
}

function mapParts(parts: KeptValue["parts"], change: (value: Value) => Value): KeptValue["parts"] {
  return new Map([...parts].map(([part, value]) => [part, change(value)]));
}

/**
 * The numbers of a kept matrix `[rows, columns]`, exactly those that llama.cpp decodes: each is a
 * product of a float and an integer, or that less a minimum, and rounded as often.
 */
export function decodeKept(graph: Graph, { type, parts }: KeptValue): Value {
  const part = (name: KeptPart["part"]): Value => {
    const value = parts.get(name);
    if (value === undefined) throw new Error(`a matrix in ${type} has no ${name}`);
    return value;
  };
  if (type === "F16") return toFloat(graph, part("values"));
  const { bits, block, superBlock, minimum, offset } = blockForms[type];
  const packed = part("values");
  const rows = extentOf(packed, 0);
  const columns = extentOf(packed, 1) * (8 / bits);
  const factors = (own: "scales" | "minimums", shared: "sharedScales" | "sharedMinimums"): Value => {
    const numbers = toFloat(graph, part(own));
    if (superBlock === undefined) return numbers;
    const grouped = reshape(graph, numbers, [rows, columns / superBlock, superBlock / block]);
    const factor = reshape(graph, toFloat(graph, part(shared)), [rows, columns / superBlock, 1]);
    return reshape(graph, multiply(graph, grouped, factor), [rows, columns / block]);
  };
  const scales = factors("scales", "sharedScales");
  const perBlock = (x: Value) => reshape(graph, x, [rows, columns / block, 1]);
  const integers = bits === 4 ? unpackNibbles(graph, packed) : packed;
  let numbers = toFloat(graph, reshape(graph, integers, [rows, columns / block, block]));
  if (offset !== 0) numbers = subtract(graph, numbers, graph.scalar(offset));
  numbers = multiply(graph, numbers, perBlock(scales));
  if (minimum) numbers = subtract(graph, numbers, perBlock(factors("minimums", "sharedMinimums")));
  return reshape(graph, numbers, [rows, columns]);
}
