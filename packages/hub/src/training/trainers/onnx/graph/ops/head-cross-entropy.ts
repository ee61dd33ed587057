import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { softmax } from "./attention.ts";
import { surpriseOf } from "./cross-entropy.ts";
import { multiply, subtract } from "./elementwise.ts";
import { gatherRows } from "./embedding.ts";
import { linear } from "./linear.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./shape.ts";

/**
 * Σ weightᵢ · −ln softmax(hidden · Wᵀ)[targetᵢ], a scalar: the cross-entropy of a whole head at once.
 *
 * With the softmax p and the weights w as a column, the gradient of hidden is w ∘ (p·W − W[targets]): of the
 * probabilities, which are as many as the vocabulary is long, no pass is made but their product. Where W is trained
 * its gradient (p − one-hot)ᵀ · (w ∘ hidden) takes one.
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
        if (!wanted(head)) {
          const chosen = gatherRows(graph, head, reshape(graph, targets, [rows]));
          return [multiply(graph, subtract(graph, matmul(graph, p, head), chosen), share)];
        }
        const difference = graph.value(p.shape);
        graph.record("subtractOneHot", [p, targets], {}, [difference]);
        return [
          multiply(graph, matmul(graph, difference, head), share),
          matmul(graph, difference, multiply(graph, hidden, share), { transposeA: true }),
        ];
      },
  );
  return loss;
}
