import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { multiply, scale, subtract } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { concatenate, reduceSum, reshape, transpose } from "./shape.ts";

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
 * Causal scaled dot-product attention with grouped queries: heads · / kvHeads query heads share
 * one key head.
 *
 * @param q `[batch, positions, heads · headDim]`
 * @param k `[batch, positions, kvHeads · headDim]`
 * @param v `[batch, positions, kvHeads · headDim]`
 * @returns `[batch, positions, heads · headDim]`
 */
export function attention(graph: Graph, q: Value, k: Value, v: Value, heads: number, kvHeads: number): Value {
  const [batch, positions] = [extentOf(q, 0), extentOf(q, 1)];
  const headDim = extentOf(q, 2) / heads;
  const alpha = headDim ** -0.5;
  const rows = (heads / kvHeads) * positions;
  const out = graph.value(q.shape);
  const p = graph.value([batch, heads, positions, positions]);
  const keys = graph.value([batch, kvHeads, positions, headDim]);
  const values = graph.value([batch, kvHeads, positions, headDim]);

  const perHead = (x: Value, count: number) => reshape(graph, x, [batch, positions, count, headDim]);
  // the rows of the query heads that share a key head, one after the other: no copy of k or v
  const grouped = (x: Value) =>
    reshape(graph, transpose(graph, perHead(x, heads), [0, 2, 1, 3]), [batch, kvHeads, rows, headDim]);
  const joined = (x: Value, count: number) =>
    reshape(graph, transpose(graph, reshape(graph, x, [batch, count, positions, headDim]), [0, 2, 1, 3]), [
      batch,
      positions,
      count * headDim,
    ]);

  graph.record("attention", [q, k, v], { heads, kvHeads }, [out, p, keys, values], ([dy], { wanted }) => {
    if (dy === undefined) return [];
    const probabilities = reshape(graph, p, [batch, kvHeads, rows, positions]);
    const dOut = grouped(dy);
    const dv = () => matmul(graph, probabilities, dOut, { transposeA: true });
    // row sums of p∘dp equal those of dy∘out, which are headDim wide instead of positions
    const sums = reduceSum(graph, perHead(multiply(graph, dy, out), heads), [3], true);
    const rowSums = reshape(graph, transpose(graph, sums, [0, 2, 1, 3]), [batch, kvHeads, rows, 1]);
    // dp − rowSums in one product: [dOut, −rowSums] · [values, 1]ᵀ
    const ones = graph.constant(
      [batch, kvHeads, positions, 1],
      new Float32Array(batch * kvHeads * positions).fill(1),
    );
    const centred = matmul(
      graph,
      concatenate(graph, [dOut, scale(graph, rowSums, -1)], 3),
      concatenate(graph, [values, ones], 3),
      { transposeB: true },
    );
    const ds = multiply(graph, probabilities, centred);
    return [
      wanted(q) ? joined(matmul(graph, ds, keys, { alpha }), heads) : undefined,
      wanted(k) ? joined(matmul(graph, ds, grouped(q), { transposeA: true, alpha }), kvHeads) : undefined,
      wanted(v) ? joined(dv(), kvHeads) : undefined,
    ];
  });
  return out;
}
