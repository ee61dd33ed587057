import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { add } from "./elementwise.ts";
import { addProduct, matmul } from "./matmul.ts";
import { transpose } from "./shape.ts";

/** x · Wᵀ for `x [rows, in]` and `W [out, in]`. */
export function linear(graph: Graph, x: Value, weight: Value): Value {
  return matmul(graph, x, weight, { transposeB: true });
}

/** A weight that is not trained, built anew at each use so that nothing has to stay in memory. */
export type FrozenWeight = () => Value;

/** x · Wᵀ for a weight that takes no gradient. */
export function frozenLinear(graph: Graph, x: Value, weight: FrozenWeight): Value {
  const [y] = graph.withGradient(
    [x],
    () => [linear(graph, x, weight())] as const,
    () =>
      ([dy]) => [dy && matmul(graph, dy, weight())],
  );
  return y;
}

/** Low-rank update of one weight: scale · B · A. */
export interface LowRank {
  /** `[rank, in]` */
  readonly a: Value;
  /** `[out, rank]` */
  readonly b: Value;
  readonly scale: number;
}

/**
 * x · (W + scale·B·A)ᵀ. The sum is formed first when the weight is smaller than the activations
 * it would otherwise be added to: it costs one pass over the weight instead of one over the
 * output (forward) and the input (backward). The gradients of A and B go through the rank-wide
 * products u = scale·dy·B and t = x·Aᵀ, never through the gradient of the full weight.
 */
export function loraLinear(graph: Graph, x: Value, weight: FrozenWeight, { a, b, scale }: LowRank): Value {
  const rows = extentOf(x, 0);
  const effective = () => addProduct(graph, b, a, weight(), scale);
  const [y] = graph.withGradient(
    [x, a, b],
    () => {
      if (extentOf(a, 1) < rows) return [linear(graph, x, effective())] as const;
      const update = matmul(graph, linear(graph, x, a), b, { transposeB: true, alpha: scale });
      return [add(graph, linear(graph, x, weight()), update)] as const;
    },
    () =>
      ([dy], { wanted }) => {
        if (dy === undefined) return [];
        const u = matmul(graph, dy, b, { alpha: scale });
        const t = linear(graph, x, a);
        const dx = () =>
          extentOf(b, 0) < rows
            ? matmul(graph, dy, effective())
            : add(graph, matmul(graph, dy, weight()), matmul(graph, u, a));
        return [
          wanted(x) ? dx() : undefined,
          matmul(graph, u, x, { transposeA: true }),
          // (tᵀ·dy)ᵀ instead of dyᵀ·t: transposes the narrow operand
          transpose(graph, matmul(graph, t, dy, { transposeA: true, alpha: scale }), [1, 0]),
        ];
      },
  );
  return y;
}
