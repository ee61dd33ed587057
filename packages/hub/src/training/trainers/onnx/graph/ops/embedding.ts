import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { elementCount, extentOf } from "../value.ts";

/**
 * Rows of a table.
 *
 * @param table `[rows, dim]`
 * @param indices i32 `[count]`, each in 0 … rows − 1
 * @returns `[count, dim]`
 */
export function gatherRows(graph: Graph, table: Value, indices: Value): Value {
  const y = graph.value([extentOf(indices, 0), extentOf(table, 1)], table.type);
  graph.record("gatherRows", [table, indices], {}, [y], ([dy], { accumulated }) => {
    if (dy === undefined) return [];
    const before =
      accumulated(table) ?? graph.constant(table.shape, new Float32Array(elementCount(table.shape)));
    return [{ total: scatterAddRows(graph, before, indices, dy) }];
  });
  return y;
}

/** A table with each row of `updates` added at its index; deterministic for repeated indices. */
export function scatterAddRows(graph: Graph, table: Value, indices: Value, updates: Value): Value {
  const y = graph.value(table.shape);
  graph.record("scatterAddRows", [table, indices, updates], {}, [y]);
  return y;
}
