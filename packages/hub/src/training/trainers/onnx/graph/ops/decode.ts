import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";

/** Integers or 16-bit floats as 32-bit floats; exact, no gradient. */
export function toFloat(graph: Graph, x: Value): Value {
  const y = graph.value(x.shape);
  graph.record("toFloat", [x], {}, [y]);
  return y;
}

/** Two numbers of four bits to a byte: `[rows, columns / 2]` to `[rows, columns]`, the low halves first in each row. */
export function unpackNibbles(graph: Graph, packed: Value): Value {
  const y = graph.value([extentOf(packed, 0), 2 * extentOf(packed, 1)], "u8");
  graph.record("unpackNibbles", [packed], {}, [y]);
  return y;
}

/** Rows from … to − 1 of a matrix; no gradient: used on what is not trained. */
export function sliceRows(graph: Graph, x: Value, from: number, to: number): Value {
  const y = graph.value([to - from, ...x.shape.slice(1)], x.type);
  graph.record("sliceRows", [x], { from, to }, [y]);
  return y;
}
