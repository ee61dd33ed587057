import type { Graph } from "../graph.ts";
import type { Shape, Value } from "../value.ts";
import { broadcastShape, sameShape } from "../value.ts";
import { reduceSum, reshape } from "./shape.ts";

/** Sums a gradient back to the shape of an operand that was broadcast. */
function unbroadcast(graph: Graph, gradient: Value, shape: Shape): Value {
  if (sameShape(gradient.shape, shape)) return gradient;
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((extent, axis) =>
    axis < lead || (extent !== 1 && shape[axis - lead] === 1) ? [axis] : [],
  );
  return reshape(graph, reduceSum(graph, gradient, axes, true), shape);
}

/** a + b, broadcast. */
export function add(graph: Graph, a: Value, b: Value): Value {
  const y = graph.value(broadcastShape(a.shape, b.shape));
  graph.record("add", [a, b], {}, [y], ([dy], { wanted }) => [
    dy && wanted(a) ? unbroadcast(graph, dy, a.shape) : undefined,
    dy && wanted(b) ? unbroadcast(graph, dy, b.shape) : undefined,
  ]);
  return y;
}

/** a − b, broadcast. */
export function subtract(graph: Graph, a: Value, b: Value): Value {
  const y = graph.value(broadcastShape(a.shape, b.shape));
  graph.record("subtract", [a, b], {}, [y], ([dy], { wanted }) => [
    dy && wanted(a) ? unbroadcast(graph, dy, a.shape) : undefined,
    dy && wanted(b) ? scale(graph, unbroadcast(graph, dy, b.shape), -1) : undefined,
  ]);
  return y;
}

/** a · b elementwise, broadcast. */
export function multiply(graph: Graph, a: Value, b: Value): Value {
  const y = graph.value(broadcastShape(a.shape, b.shape));
  graph.record("multiply", [a, b], {}, [y], ([dy], { wanted }) => [
    dy && wanted(a) ? unbroadcast(graph, multiply(graph, dy, b), a.shape) : undefined,
    dy && wanted(b) ? unbroadcast(graph, multiply(graph, dy, a), b.shape) : undefined,
  ]);
  return y;
}

/** a / b elementwise, broadcast. */
export function divide(graph: Graph, a: Value, b: Value): Value {
  const y = graph.value(broadcastShape(a.shape, b.shape));
  graph.record("divide", [a, b], {}, [y], ([dy], { wanted }) => {
    if (dy === undefined) return [];
    const da = divide(graph, dy, b);
    return [
      wanted(a) ? unbroadcast(graph, da, a.shape) : undefined,
      wanted(b) ? unbroadcast(graph, scale(graph, multiply(graph, da, y), -1), b.shape) : undefined,
    ];
  });
  return y;
}

/** x · factor for a constant factor. */
export function scale(graph: Graph, x: Value, factor: number): Value {
  const y = graph.value(x.shape);
  graph.record("scale", [x], { factor }, [y], ([dy]) => [dy && scale(graph, dy, factor)]);
  return y;
}

/** √x. */
export function squareRoot(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("squareRoot", [x], {}, [y], ([dy]) => [dy && scale(graph, divide(graph, dy, y), 0.5)]);
  return y;
}

/** ln x. */
export function logarithm(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("logarithm", [x], {}, [y], ([dy]) => [dy && divide(graph, dy, x)]);
  return y;
}

/** 1 / (1 + e^−x). */
export function sigmoid(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("sigmoid", [x], {}, [y], ([dy]) => [
    dy && multiply(graph, dy, multiply(graph, y, subtract(graph, graph.scalar(1), y))),
  ]);
  return y;
}

/** x / (1 + e^−x) in one pass where the provider has it; no gradient: used where the rule is given by hand. */
export function silu(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("silu", [x], {}, [y]);
  return y;
}

/** tanh x. */
export function tanh(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("tanh", [x], {}, [y], ([dy]) => [
    dy && multiply(graph, dy, subtract(graph, graph.scalar(1), multiply(graph, y, y))),
  ]);
  return y;
}

/** c·tanh(x / c): x where it is small, and never beyond ±c. */
export function softCap(graph: Graph, x: Value, cap: number): Value {
  return scale(graph, tanh(graph, scale(graph, x, 1 / cap)), cap);
}

/** min(a, b); no gradient: used outside the loss. */
export function minimum(graph: Graph, a: Value, b: Value): Value {
  const y = graph.value(broadcastShape(a.shape, b.shape));
  graph.record("minimum", [a, b], {}, [y]);
  return y;
}

/** max(a, b); no gradient: used where the rule is given by hand. */
export function maximum(graph: Graph, a: Value, b: Value): Value {
  const y = graph.value(broadcastShape(a.shape, b.shape));
  graph.record("maximum", [a, b], {}, [y]);
  return y;
}

/** Whether x is neither infinite nor NaN; no gradient. */
export function isFinite(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape, "bool");
  graph.record("isFinite", [x], {}, [y]);
  return y;
}

/** a where the condition holds, else b, broadcast; no gradient. */
export function select(graph: Graph, condition: Value, a: Value, b: Value): Value {
  const y = graph.value(broadcastShape(condition.shape, broadcastShape(a.shape, b.shape)));
  graph.record("select", [condition, a, b], {}, [y]);
  return y;
}
