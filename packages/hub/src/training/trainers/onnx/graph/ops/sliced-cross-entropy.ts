import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { add, multiply, scale, softCap, subtract } from "./elementwise.ts";
import type { FrozenWeight } from "./linear.ts";
import { linear } from "./linear.ts";
import { matmul } from "./matmul.ts";
import { concatenate, reduceSum } from "./shape.ts";

/** A frozen output head of which only some rows are decoded at a time. */
export interface SlicedHead {
  /** Together all rows of the head, in order. */
  readonly slices: readonly FrozenWeight[];
  /** The head's rows of i32 `[count]` tokens: `[count, dim]`. */
  readonly rowsOf: (tokens: Value) => Value;
}

/**
 * Σ weightᵢ · −ln softmax(hidden · Wᵀ)[targetᵢ], a scalar, for a head too large to be decoded whole:
 * each slice is decoded twice, once for the logarithm of the sum and once for the gradient, and the
 * logits of a slice are made anew instead of kept. A third product instead of two.
 *
 * @param hidden `[rows, dim]`
 * @param targets i32 `[rows]`
 * @param weights `[rows, 1]`; 0 takes a row out of the loss
 * @param cap c in c·tanh(x/c) over the logits; null: they are as they are
 */
export function slicedCrossEntropy(
  graph: Graph,
  hidden: Value,
  head: SlicedHead,
  targets: Value,
  weights: Value,
  cap: number | null = null,
): Value {
  const rowSums = (x: Value) => reduceSum(graph, x, [1], true);
  const capped = (x: Value) => (cap === null ? x : softCap(graph, x, cap));
  // of capped logits y the slope is 1 − tanh² = 1 − (y/c)²
  const beforeCap = (gradient: Value, y: Value) => {
    if (cap === null) return gradient;
    const square = scale(graph, multiply(graph, y, y), -1 / cap ** 2);
    return multiply(graph, gradient, add(graph, square, graph.scalar(1)));
  };
  const [loss] = graph.withGradient(
    [hidden],
    () => {
      const parts = head.slices.map((slice) => logSumExp(graph, capped(linear(graph, hidden, slice()))));
      const whole = parts.length === 1 ? parts[0] : logSumExp(graph, concatenate(graph, parts, 1));
      if (whole === undefined) throw new RangeError("a head without rows");
      const chosen = capped(rowSums(multiply(graph, hidden, head.rowsOf(targets))));
      const sum = reduceSum(graph, multiply(graph, subtract(graph, whole, chosen), weights), [0, 1], false);
      return [sum, whole, chosen] as const;
    },
    ([, whole, logit]) =>
      ([dy]) => {
        if (dy === undefined) return [];
        const share = multiply(graph, weights, dy);
        const ofLogit = beforeCap(scale(graph, share, -1), logit);
        const chosen = multiply(graph, head.rowsOf(targets), ofLogit);
        const gradient = head.slices.reduce((sum, slice) => {
          const weight = slice();
          const y = capped(linear(graph, hidden, weight));
          const p = exponential(graph, subtract(graph, y, whole));
          return add(graph, sum, matmul(graph, beforeCap(multiply(graph, p, share), y), weight));
        }, chosen);
        return [gradient];
      },
  );
  return loss;
}

/** ln Σ exp x over each row, kept as a column; no gradient: used where the rule is given by hand. */
function logSumExp(graph: Graph, x: Value): Value {
  const y = graph.value([x.shape[0] ?? 0, 1]);
  graph.record("logSumExp", [x], {}, [y]);
  return y;
}

/** exp x; no gradient: used where the rule is given by hand. */
function exponential(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("exponential", [x], {}, [y]);
  return y;
}
