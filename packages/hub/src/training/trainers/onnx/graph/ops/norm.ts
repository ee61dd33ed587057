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
    const normal = multiply(graph, x, inverse);
    const product = multiply(graph, dy, normal);
    const dx = () => {
      const column = reshape(graph, weight, [dim, 1]);
      const mean = matmul(graph, product, column, { alpha: 1 / dim });
      const inner = subtract(graph, multiply(graph, dy, weight), multiply(graph, normal, mean));
      return multiply(graph, inner, inverse);
    };
    return [wanted(x) ? dx() : undefined, wanted(weight) ? columnSums(graph, product) : undefined];
  });
  return y;
}

/** Sum over the rows as a product with a row of ones: the matmul is the faster reduction. */
function columnSums(graph: Graph, x: Value): Value {
  const ones = graph.constant([1, extentOf(x, 0)], new Float32Array(extentOf(x, 0)).fill(1));
  return reshape(graph, matmul(graph, ones, x), [extentOf(x, 1)]);
}
