import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";

/** Cosines and sines of a rotary embedding, each `[positions, headDim / 2]`. */
export interface RotaryTables {
  readonly cos: Value;
  readonly sin: Value;
  readonly negativeSin: Value;
}

/** Tables for rotations by position · base^(−2i / headDim) (RoFormer, equation 15). */
export function rotaryTables(graph: Graph, positions: number, headDim: number, base: number): RotaryTables {
  const half = headDim / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let pair = 0; pair < half; pair++) {
      const angle = position * base ** ((-2 * pair) / headDim);
      cos[position * half + pair] = Math.cos(angle);
      sin[position * half + pair] = Math.sin(angle);
    }
  }
  const shape = [positions, half];
  return {
    cos: graph.constant(shape, cos),
    sin: graph.constant(shape, sin),
    negativeSin: graph.constant(
      shape,
      sin.map((value) => -value),
    ),
  };
}

/**
 * Rotates interleaved pairs (2i, 2i+1) of every head by its position: the order of GGUF's llama
 * architecture.
 *
 * @param x `[batch, positions, heads · headDim]`
 */
export function rope(graph: Graph, x: Value, tables: RotaryTables, heads: number): Value {
  const y = graph.value(x.shape);
  const inverse = { cos: tables.cos, sin: tables.negativeSin, negativeSin: tables.sin };
  graph.record("rope", [x, tables.cos, tables.sin], { heads }, [y], ([dy]) => [
    dy && rope(graph, dy, inverse, heads),
  ]);
  return y;
}
