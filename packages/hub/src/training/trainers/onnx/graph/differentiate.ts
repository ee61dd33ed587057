import type { Graph } from "./graph.ts";
import { add } from "./ops/elementwise.ts";
import type { Value } from "./value.ts";

/**
 * Reverse-mode differentiation: adds to the graph the operations that compute the gradient of a
 * scalar with respect to each given value, reading the tape backwards once.
 *
 * @param loss scalar `[]`
 * @param sources values (usually inputs) whose gradients are wanted
 * @returns gradients of the same shapes as the sources
 * @throws when a source does not influence the loss
 */
export function differentiate(graph: Graph, loss: Value, sources: readonly Value[]): Map<Value, Value> {
  if (loss.shape.length !== 0) {
    throw new RangeError(`only a scalar can be differentiated, found shape [${loss.shape.join(", ")}]`);
  }
  const tape = [...graph.tape];
  const wanted = new Set(sources);
  for (const entry of tape) {
    if (entry.inputs.some((input) => wanted.has(input)))
      for (const output of entry.outputs) wanted.add(output);
  }
  const gradients = new Map<Value, Value>([[loss, graph.scalar(1)]]);
  const context = {
    wanted: (input: Value) => wanted.has(input),
    accumulated: (input: Value) => gradients.get(input),
  };
  for (const entry of tape.toReversed()) {
    const given = entry.outputs.map((output) => gradients.get(output));
    if (given.every((gradient) => gradient === undefined)) continue;
    if (!entry.inputs.some((input) => wanted.has(input))) continue;
    entry.gradient(given, context).forEach((gradient, index) => {
      const input = entry.inputs[index];
      if (gradient === undefined || input === undefined || !wanted.has(input)) return;
      if ("total" in gradient) {
        gradients.set(input, gradient.total);
        return;
      }
      const before = gradients.get(input);
      gradients.set(input, before === undefined ? gradient : add(graph, before, gradient));
    });
  }
  const result = new Map<Value, Value>();
  for (const source of sources) {
    const gradient = gradients.get(source);
    if (gradient === undefined) throw new Error(`value ${source.id} does not influence the loss`);
    result.set(source, gradient);
  }
  return result;
}
