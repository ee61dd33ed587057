import type { Graph, Operation, OperationKind } from "../graph.ts";
import type { Value } from "../value.ts";
import { OnnxWriter } from "./onnx-writer.ts";

/** How one kind of operation is written as ONNX nodes. */
export type Emit<K extends OperationKind> = (writer: OnnxWriter, operation: Operation<K>) => void;

/** A complete set of rules: one for every kind of operation. */
export type Lowering = { readonly [K in OperationKind]: Emit<K> };

/** Version of the ONNX operator set: the first with block-wise DequantizeLinear. */
const opset = 21;

/**
 * Writes a graph as an ONNX model by the given rules. Operations that no output needs are left
 * out; the order in which they were made is kept.
 *
 * @returns protobuf bytes for an inference session
 */
export function lower(graph: Graph, lowering: Lowering): Uint8Array {
  const { operations, used } = neededParts(graph);
  const writer = new OnnxWriter(graph, used);
  for (const operation of operations) emit(writer, lowering, operation.kind, operation);
  return writer.finish(opset);
}

function emit<K extends OperationKind>(
  writer: OnnxWriter,
  lowering: Lowering,
  kind: K,
  operation: Operation,
): void {
  // The kind and its attributes were recorded together by Graph.record.
  lowering[kind](writer, operation as Operation<K>);
}

/** The operations that some output needs, and every value that one of them or an output reads. */
function neededParts(graph: Graph): { operations: Operation[]; used: ReadonlySet<Value> } {
  const used = new Set<Value>(graph.outputs.values());
  const operations = graph.operations.toReversed().filter((operation) => {
    if (!operation.outputs.some((output) => used.has(output))) return false;
    for (const input of operation.inputs) used.add(input);
    return true;
  });
  return { operations: operations.toReversed(), used };
}
