import type { Graph, Operation, OperationKind } from "../graph.ts";
import type { Value } from "../value.ts";
import { OnnxWriter } from "./onnx-writer.ts";

/** How one kind of operation is written as ONNX nodes. */
export type Emit<K extends OperationKind> = (writer: OnnxWriter, operation: Operation<K>) => void;

/** A complete set of rules: one for every kind of operation. */
export type Lowering = { readonly [K in OperationKind]: Emit<K> };

/** Version of the ONNX operator set. */
const opset = 21;

/**
 * Writes a graph as an ONNX model by the given rules. Operations that no output needs are left
 * out.
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

/**
 * The operations that some output needs, and every value that one of them or an output reads.
 *
 * Those that depend on no token (a weight decoded or merged with its adapter) come first, the
 * others in the order in which they were made. The runtime runs, of a node's inputs, the one
 * written last first: this way a weight is made just before it is used, and not, for the whole
 * model, before everything else.
 */
function neededParts(graph: Graph): { operations: Operation[]; used: ReadonlySet<Value> } {
  const used = new Set<Value>(graph.outputs.values());
  const needed = graph.operations.toReversed().filter((operation) => {
    if (!operation.outputs.some((output) => used.has(output))) return false;
    for (const input of operation.inputs) used.add(input);
    for (const output of operation.outputs) if (graph.demanded.has(output)) used.add(output);
    return true;
  });
  const ofTokens = new Set<Value>([...graph.inputs.values()].filter(({ type }) => type === "i32"));
  const [before, after]: [Operation[], Operation[]] = [[], []];
  for (const operation of needed.toReversed()) {
    const depends = operation.inputs.some((input) => ofTokens.has(input));
    if (depends) for (const output of operation.outputs) ofTokens.add(output);
    (depends ? after : before).push(operation);
  }
  return { operations: [...before, ...after], used };
}
