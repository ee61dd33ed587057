import type { Graph } from "../graph.ts";
import type { Shape, Value } from "../value.ts";
import { elementCount, extentOf, sameShape } from "../value.ts";

/** The same elements in another shape. */
export function reshape(graph: Graph, x: Value, shape: Shape): Value {
  if (elementCount(shape) !== elementCount(x.shape)) {
    throw new RangeError(`[${x.shape.join(", ")}] cannot be reshaped to [${shape.join(", ")}]`);
  }
  if (sameShape(x.shape, shape)) return x;
  const y = graph.value(shape, x.type);
  graph.record("reshape", [x], {}, [y], ([dy]) => [dy && reshape(graph, dy, x.shape)]);
  return y;
}

/** Axes in another order: axis i of the result is axis permutation[i] of x. */
export function transpose(graph: Graph, x: Value, permutation: readonly number[]): Value {
  const y = graph.value(permutation.map((axis) => extentOf(x, axis)));
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  graph.record("transpose", [x], { permutation }, [y], ([dy]) => [dy && transpose(graph, dy, inverse)]);
  return y;
}

/** Cuts x along an axis into parts of the given sizes. */
export function split(graph: Graph, x: Value, axis: number, sizes: readonly number[]): Value[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== extentOf(x, axis)) {
    throw new RangeError(`parts of ${sizes.join(" + ")} do not make ${extentOf(x, axis)} on axis ${axis}`);
  }
  if (sizes.length === 1) return [x];
  const parts = sizes.map((size) =>
    graph.value(
      x.shape.map((extent, i) => (i === axis ? size : extent)),
      x.type,
    ),
  );
  graph.record("split", [x], { axis, sizes }, parts, (gradients) => [
    concatenate(
      graph,
      gradients.map((gradient, i) => gradient ?? zerosLike(graph, parts[i]!)),
      axis,
    ),
  ]);
  return parts;
}

/** Joins parts along an axis. */
export function concatenate(graph: Graph, parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  if (first === undefined) throw new RangeError("nothing to concatenate");
  if (parts.length === 1) return first;
  const sizes = parts.map((part) => extentOf(part, axis));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const y = graph.value(first.shape.map((extent, i) => (i === axis ? total : extent)));
  graph.record("concatenate", parts, { axis }, [y], ([dy]) => (dy ? split(graph, dy, axis, sizes) : []));
  return y;
}

/** Sum over axes; they stay with extent 1 when `keepAxes`. */
export function reduceSum(graph: Graph, x: Value, axes: readonly number[], keepAxes: boolean): Value {
  const kept = x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
  const y = graph.value(keepAxes ? kept : x.shape.filter((_, axis) => !axes.includes(axis)));
  graph.record("reduceSum", [x], { axes, keepAxes }, [y], ([dy]) => [
    dy && expand(graph, reshape(graph, dy, kept), x.shape),
  ]);
  return y;
}

/** Σ x² over all elements, a scalar; no gradient: used for norms outside the loss. */
export function sumOfSquares(graph: Graph, x: Value): Value {
  const y = graph.value([]);
  graph.record("sumOfSquares", [x], {}, [y]);
  return y;
}

function expand(graph: Graph, x: Value, shape: Shape): Value {
  const y = graph.value(shape);
  const ones = graph.constant(shape, new Float32Array(elementCount(shape)).fill(1));
  graph.record("multiply", [x, ones], {}, [y]);
  return y;
}

function zerosLike(graph: Graph, x: Value): Value {
  return graph.constant(x.shape, new Float32Array(elementCount(x.shape)));
}

/** The same values in a tensor of their own; no gradient: used to move values between devices. */
export function identity(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape, x.type);
  graph.record("identity", [x], {}, [y]);
  return y;
}
