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
 * Those that depend on no token (a weight decoded or merged with its adapter) come first, then those that are read
 * by others in the order in which they were made, at last those that only give outputs, the latest made first. The
 * runtime goes from what nothing reads back to what it needs, from the one written last on, and of a node's inputs
 * also runs the one written last first. This way a weight is made just before it is used, and not, for the whole model,
 * before everything else; and a weight's gradient is made as soon as it can be, so that what it is made of can go.
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
  const read = new Set<Value>(after.flatMap(({ inputs }) => inputs));
  const isRead = ({ outputs }: Operation) => outputs.some((output) => read.has(output));
  const last = after.filter((operation) => !isRead(operation)).toReversed();
  return { operations: [...before, ...after.filter(isRead), ...last], used };
}
