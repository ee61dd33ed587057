import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { softmax } from "./attention.ts";
import { surpriseOf } from "./cross-entropy.ts";
import { multiply, scale, subtract } from "./elementwise.ts";
import { gatherRows, scatterAddRows } from "./embedding.ts";
import { linear } from "./linear.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./shape.ts";

/**
 * Σ weightᵢ · −ln softmax(hidden · Wᵀ)[targetᵢ], a scalar: the cross-entropy of a whole head at once.
 *
 * With the softmax p and the weights w as a column, the gradient of hidden is w ∘ (p·W − W[targets]), that of W is
 * pᵀ·(w ∘ hidden) with each row of w ∘ hidden subtracted at its target: of the probabilities, which are as many as
 * the vocabulary is long, no pass is made but their products.
 *
 * @param hidden `[rows, dim]`
 * @param head `[vocabulary, dim]`
 * @param targets i32 `[rows, 1]`, each in 0 … vocabulary − 1 (any, where the weight is 0)
 * @param weights `[rows, 1]`; 0 takes a row out of the loss
 */
export function headCrossEntropy(
  graph: Graph,
  hidden: Value,
  head: Value,
  targets: Value,
  weights: Value,
): Value {
  const rows = extentOf(hidden, 0);
  const [loss] = graph.withGradient(
    [hidden, head],
    () => {
      const p = softmax(graph, linear(graph, hidden, head));
      return [surpriseOf(graph, p, targets, weights), p] as const;
    },
    ([, p]) =>
      ([dy], { wanted }) => {
        if (dy === undefined) return [];
        const share = multiply(graph, weights, dy);
        const rowsOfTargets = reshape(graph, targets, [rows]);
        const chosen = gatherRows(graph, head, rowsOfTargets);
        const dHidden = multiply(graph, subtract(graph, matmul(graph, p, head), chosen), share);
        if (!wanted(head)) return [dHidden];
        const shared = multiply(graph, hidden, share);
        const product = matmul(graph, p, shared, { transposeA: true });
        return [dHidden, scatterAddRows(graph, product, rowsOfTargets, scale(graph, shared, -1))];
      },
  );
  return loss;
}
