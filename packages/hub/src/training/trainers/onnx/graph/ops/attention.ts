import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { add, multiply, subtract } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { reduceSum } from "./shape.ts";

/** Softmax over the last axis. */
export function softmax(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("softmax", [x], {}, [y], ([dy]) => {
    if (dy === undefined) return [];
    const product = multiply(graph, dy, y);
    const total = reduceSum(graph, product, [x.shape.length - 1], true);
    return [subtract(graph, product, multiply(graph, y, total))];
  });
  return y;
}

/**
 * Additive mask of causal attention, `[groups · positions, positions]`. −1e9 instead of a small
 * number such as −80, whose exponentials are denormal and several times slower.
 */
export function causalMask(graph: Graph, groups: number, positions: number): Value {
  const mask = new Float32Array(groups * positions * positions);
  for (let row = 0; row < groups * positions; row++) {
    mask.fill(-1e9, row * positions + (row % positions) + 1, (row + 1) * positions);
  }
  return graph.constant([groups * positions, positions], mask);
}

/**
 * Scaled dot-product attention. The query heads that share a key head lie one after the other in
 * the row axis, so that grouped queries need no copy of keys or values.
 *
 * @param q `[batch, kvHeads, groups · positions, headDim]`
 * @param k `[batch, kvHeads, positions, headDim]`
 * @param v `[batch, kvHeads, positions, headDim]`
 */
export function attention(graph: Graph, q: Value, k: Value, v: Value, mask: Value): Value {
  const alpha = extentOf(q, -1) ** -0.5;
  const [o] = graph.withGradient(
    [q, k, v],
    () => {
      const scores = add(graph, matmul(graph, q, k, { transposeB: true, alpha }), mask);
      const p = softmax(graph, scores);
      return [matmul(graph, p, v), p] as const;
    },
    ([out, p]) =>
      ([dy], { wanted }) => {
        if (dy === undefined) return [];
        const dv = wanted(v) ? matmul(graph, p, dy, { transposeA: true }) : undefined;
        // row sums of p∘dp equal those of dy∘out, which are headDim wide instead of positions
        const rowSums = reduceSum(graph, multiply(graph, dy, out), [3], true);
        const dp = matmul(graph, dy, v, { transposeB: true });
        const ds = multiply(graph, p, subtract(graph, dp, rowSums));
        return [
          wanted(q) ? matmul(graph, ds, k, { alpha }) : undefined,
          wanted(k) ? matmul(graph, ds, q, { transposeA: true, alpha }) : undefined,
          dv,
        ];
      },
  );
  return o;
}
