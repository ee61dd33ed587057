import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf, sameShape } from "../value.ts";

export interface MatmulOptions {
  transposeA?: boolean;
  transposeB?: boolean;
  /** Factor on the product. */
  alpha?: number;
}

/**
 * alpha · op(a) · op(b) over the last two axes, op being a transpose where asked. Leading axes
 * must be equal, or absent in b (one matrix for all).
 */
export function matmul(graph: Graph, a: Value, b: Value, options: MatmulOptions = {}): Value {
  const { transposeA = false, transposeB = false, alpha = 1 } = options;
  const rows = extentOf(a, transposeA ? -1 : -2);
  const inner = extentOf(a, transposeA ? -2 : -1);
  const columns = extentOf(b, transposeB ? -2 : -1);
  const lead = a.shape.slice(0, -2);
  const shared = b.shape.length === 2;
  if (extentOf(b, transposeB ? -1 : -2) !== inner || !(shared || sameShape(lead, b.shape.slice(0, -2)))) {
    throw new RangeError(`cannot multiply [${a.shape.join(", ")}] by [${b.shape.join(", ")}]`);
  }
  const y = graph.value([...lead, rows, columns]);
  graph.record("matmul", [a, b], { transposeA, transposeB, alpha }, [y], ([dy], { wanted }) => {
    if (dy === undefined) return [];
    if (shared && lead.length > 0 && wanted(b)) {
      throw new Error(
        "the gradient of a matrix shared by a batch is not defined here: flatten the batch first",
      );
    }
    const da = () =>
      transposeA
        ? matmul(graph, b, dy, { transposeA: transposeB, transposeB: true, alpha })
        : matmul(graph, dy, b, { transposeB: !transposeB, alpha });
    const db = () =>
      transposeB
        ? matmul(graph, dy, a, { transposeA: true, transposeB: transposeA, alpha })
        : matmul(graph, a, dy, { transposeA: !transposeA, alpha });
    return [wanted(a) ? da() : undefined, wanted(b) ? db() : undefined];
  });
  return y;
}

/** alpha · a · b + c for matrices, in one pass over c; no gradient: used where the rule is given by hand. */
export function addProduct(graph: Graph, a: Value, b: Value, c: Value, alpha: number): Value {
  const y = graph.value([extentOf(a, 0), extentOf(b, 1)]);
  if (!sameShape(y.shape, c.shape) || extentOf(a, 1) !== extentOf(b, 0)) {
    throw new RangeError(
      `cannot add [${a.shape.join(", ")}] · [${b.shape.join(", ")}] to [${c.shape.join(", ")}]`,
    );
  }
  graph.record("addProduct", [a, b, c], { alpha }, [y]);
  return y;
}
