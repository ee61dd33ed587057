import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { multiply, subtract } from "./elementwise.ts";
import { matmul } from "./matmul.ts";
import { reshape } from "./shape.ts";

/**
 * Root-mean-square norm over rows: y = weight · x / √(mean(x²) + epsilon).
 *
 * @param x `[rows, dim]`
 * @param weight `[dim]`
 */
export function rmsNorm(graph: Graph, x: Value, weight: Value, epsilon: number): Value {
  const [rows, dim] = [extentOf(x, 0), extentOf(x, 1)];
  const y = graph.value(x.shape);
  const inverse = graph.value([rows, 1]);
  graph.record("rmsNorm", [x, weight], { epsilon }, [y, inverse], ([dy], { wanted }) => {
    if (dy === undefined) return [];
    const product = multiply(graph, dy, x);
    const dx = () => {
      // dx = inverse·dy·w − x·inverse³·mean(dy·x·w)
      const mean = matmul(graph, product, reshape(graph, weight, [dim, 1]), { alpha: 1 / dim });
      const cube = multiply(graph, multiply(graph, inverse, inverse), inverse);
      const direct = multiply(graph, multiply(graph, dy, weight), inverse);
      return subtract(graph, direct, multiply(graph, x, multiply(graph, mean, cube)));
    };
    // Σ over the rows of dy·x·inverse, as one product with the row of inverses
    const dWeight = () => reshape(graph, matmul(graph, reshape(graph, inverse, [1, rows]), product), [dim]);
    return [wanted(x) ? dx() : undefined, wanted(weight) ? dWeight() : undefined];
  });
  return y;
}
