import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { multiply, subtract, tanh } from "./elementwise.ts";
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

/** Heads of an attention, and what its scores go through. */
export interface AttentionOptions {
  heads: number;
  /** heads / kvHeads query heads share one key head. */
  kvHeads: number;
  /** Factor on the products of q and k; 1/√headDim when absent. */
  scale?: number | null;
  /** c in c·tanh(score / c), by which Gemma 2 bounds its scores. */
  cap?: number | null;
  /** Tokens that a position sees, itself included; all before it when absent. */
  window?: number | null;
  /**
   * What is added to the scores, `[batch, 1, positions, positions]`: 0 where a position sees another, −1e9 where it
   * does not. Hides what follows, too. For sequences of several rows, which must not see each other.
   */
  mask?: Value | undefined;
}

/**
 * Causal scaled dot-product attention with grouped queries.
 *
 * @param q `[batch, positions, heads · headDim]`
 * @param k `[batch, positions, kvHeads · headDim]`
 * @param v `[batch, positions, kvHeads · headDim]`
 * @returns `[batch, positions, heads · headDim]`
 */
export function attention(graph: Graph, q: Value, k: Value, v: Value, options: AttentionOptions): Value {
  const { heads, kvHeads, cap = null } = options;
  const [batch, positions] = [extentOf(q, 0), extentOf(q, 1)];
  const headDim = extentOf(q, 2) / heads;
  const alpha = options.scale ?? headDim ** -0.5;
  const window = (options.window ?? positions) < positions ? (options.window ?? null) : null;
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

  // 1 − tanh²(score / cap), from the scores made once more rather than kept
  const capSlope = (queries: Value, by: number) => {
    const t = tanh(graph, matmul(graph, queries, keys, { transposeB: true, alpha: alpha / by }));
    return subtract(graph, graph.scalar(1), multiply(graph, t, t));
  };

  const attributes = { heads, kvHeads, scale: alpha, cap, window };
  const inputs = options.mask === undefined ? [q, k, v] : [q, k, v, options.mask];
  graph.record("attention", inputs, attributes, [out, p, keys, values], ([dy], { wanted }) => {
    if (dy === undefined) return [];
    // written before what depends on the gradient: the runtime makes it when that is there, not in the forward pass
    const slope = cap === null ? undefined : capSlope(grouped(q), cap);
    const probabilities = reshape(graph, p, [batch, kvHeads, rows, positions]);
    const dOut = grouped(dy);
    const dv = () => matmul(graph, probabilities, dOut, { transposeA: true });
    // row sums of p∘dp equal those of dy∘out, which are headDim wide instead of positions
    const sums = reduceSum(graph, perHead(multiply(graph, dy, out), heads), [3], true);
    const rowSums = reshape(graph, transpose(graph, sums, [0, 2, 1, 3]), [batch, kvHeads, rows, 1]);
    // dp − rowSums in one product: [dOut, rowSums] · [values, −1]ᵀ
    const minusOnes = graph.constant(
      [batch, kvHeads, positions, 1],
      new Float32Array(batch * kvHeads * positions).fill(-1),
    );
    const centred = matmul(
      graph,
      concatenate(graph, [dOut, rowSums], 3),
      concatenate(graph, [values, minusOnes], 3),
      { transposeB: true },
    );
    const dCapped = multiply(graph, probabilities, centred);
    const ds = slope === undefined ? dCapped : multiply(graph, slope, dCapped);
    return [
      wanted(q) ? joined(matmul(graph, ds, keys, { alpha }), heads) : undefined,
      wanted(k) ? joined(matmul(graph, ds, grouped(q), { transposeA: true, alpha }), kvHeads) : undefined,
      wanted(v) ? joined(dv(), kvHeads) : undefined,
    ];
  });
  return out;
}
