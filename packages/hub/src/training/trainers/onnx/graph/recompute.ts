import type { Graph, Operation } from "./graph.ts";
import { isFinite, select } from "./ops/elementwise.ts";
import { gatherRows } from "./ops/embedding.ts";
import { concatenate, reduceSum, reshape } from "./ops/shape.ts";
import type { Value } from "./value.ts";
import { elementCount } from "./value.ts";

/** Operations between two boundaries of a graph, as the backward pass sees them. */
interface Block {
  readonly entering: Value;
  /** Gradient of what leaves the block. */
  readonly gradient: Value;
  /** The operations whose results only the block itself and the backward pass read. */
  readonly own: readonly Operation[];
  /** Results of those. */
  readonly made: ReadonlySet<Value>;
  /** Index in the backward pass of the first operation that reads one of them. */
  readonly first: number;
}

/**
 * Lets the backward pass compute again what a block computed, from the value that entered the block,
 * instead of keeping it (Chen et al., "Training deep nets with sublinear memory cost", 2016). The
 * operations are the same on the same values, so every bit of the result is the same.
 *
 * The runtime orders operations by what needs them alone. So that a block is not computed again
 * before its turn, its copy reads the entering value through a choice that waits for the gradient of
 * what left the block and for all gradients that the block after it gave, and gives the value anyway.
 *
 * @param backwardFrom number of operations when the backward pass began
 * @param gradients of the boundaries' values
 */
export function recomputeBlocks(
  graph: Graph,
  backwardFrom: number,
  gradients: ReadonlyMap<Value, Value>,
): void {
  const forward = graph.operations.slice(0, backwardFrom);
  const backward = graph.operations.slice(backwardFrom);
  const blocks = blocksOf(graph, forward, backward, gradients).toSorted((a, b) => a.first - b.first);
  graph.operations.length = 0;
  graph.operations.push(...forward, ...backward.slice(0, blocks[0]?.first));
  const replaced = new Map<Value, Value>();
  let done: Operation[] = [];
  for (const [index, block] of blocks.entries()) {
    const waits = [block.gradient, ...unreadResults(done, block.gradient)];
    copyOperations(graph, block, afterAll(graph, block.entering, waits), replaced);
    done = backward.slice(block.first, blocks[index + 1]?.first).map((operation) => ({
      ...operation,
      inputs: operation.inputs.map((input) => replaced.get(input) ?? input),
    }));
    graph.operations.push(...done);
  }
}

function blocksOf(
  { boundaries }: Graph,
  forward: readonly Operation[],
  backward: readonly Operation[],
  gradients: ReadonlyMap<Value, Value>,
): Block[] {
  return boundaries.flatMap(({ at, value: entering }, index) => {
    const next = boundaries[index + 1];
    const gradient = next === undefined ? undefined : gradients.get(next.value);
    if (next === undefined || gradient === undefined) return [];
    const later = new Set(forward.slice(next.at).flatMap(({ inputs }) => inputs)).add(next.value);
    const own = forward.slice(at, next.at).filter(({ outputs }) => !outputs.some((one) => later.has(one)));
    const made = new Set(own.flatMap(({ outputs }) => outputs));
    const first = backward.findIndex(({ inputs }) => inputs.some((input) => made.has(input)));
    return first < 0 ? [] : [{ entering, gradient, own, made, first }];
  });
}

/** Adds the block's operations once more, on `entering` instead of the value that entered it. */
function copyOperations(graph: Graph, block: Block, entering: Value, replaced: Map<Value, Value>): void {
  const copies = new Map<Value, Value>([[block.entering, entering]]);
  const copied = (value: Value) => copies.get(value) ?? value;
  for (const operation of block.own) {
    for (const output of operation.outputs) {
      graph.demanded.add(output);
      const copy = graph.value(output.shape, output.type);
      copies.set(output, copy);
      replaced.set(output, copy);
    }
    graph.operations.push({
      ...operation,
      inputs: operation.inputs.map(copied),
      outputs: operation.outputs.map(copied),
    });
  }
}

/** Results of some operations that none of them reads and that do not lead to `gradient`: the parameters' gradients. */
function unreadResults(operations: readonly Operation[], gradient: Value): Value[] {
  const read = new Set<Value>([gradient]);
  const unread: Value[] = [];
  for (const { inputs, outputs } of operations.toReversed()) {
    const [result] = outputs;
    if (result !== undefined && !outputs.some((output) => read.has(output))) unread.push(result);
    for (const input of inputs) read.add(input);
  }
  return unread.filter(({ type }) => type === "f32");
}

/** `value`, but not before all of the others are there. */
function afterAll(graph: Graph, value: Value, others: readonly Value[]): Value {
  const zero = graph.constant([1], Int32Array.of(0), "i32");
  const numbers = others.map((other) =>
    gatherRows(graph, reshape(graph, other, [elementCount(other.shape), 1]), zero),
  );
  const sum = reduceSum(graph, concatenate(graph, numbers, 0), [0], true);
  return select(graph, isFinite(graph, sum), value, value);
}
