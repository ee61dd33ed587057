import type { RopeScaling, YarnRamp } from "../../../../../model-files/gguf/decoder-shape.ts";
import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";

/** Cosines and sines of a rotary embedding, each `[positions, headDim / 2]`. */
export interface RotaryTables {
  readonly cos: Value;
  readonly sin: Value;
  readonly negativeSin: Value;
}

/** What the angles of a rotary embedding follow from. */
export interface Rotation {
  readonly headDim: number;
  readonly base: number;
  readonly scaling?: RopeScaling | null;
}

/**
 * Tables for rotations by position · base^(−2i / headDim) (RoFormer, equation 15), stretched where
 * the model says so: by one factor, by a divisor of each frequency, or by YaRN.
 */
export function rotaryTables(
  graph: Graph,
  positions: number,
  { headDim, base, scaling = null }: Rotation,
): RotaryTables {
  const half = headDim / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  const magnitude = scaling?.magnitude ?? 1;
  const frequencies = Array.from({ length: half }, (_, pair) => frequency(pair, { headDim, base, scaling }));
  for (let position = 0; position < positions; position++) {
    for (let pair = 0; pair < half; pair++) {
      const angle = position * (frequencies[pair] ?? 0);
      cos[position * half + pair] = magnitude * Math.cos(angle);
      sin[position * half + pair] = magnitude * Math.sin(angle);
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

function frequency(pair: number, { headDim, base, scaling = null }: Rotation): number {
  const plain = base ** ((-2 * pair) / headDim) / (scaling?.factors?.[pair] ?? 1);
  if (scaling === null) return plain;
  const stretched = plain * scaling.positionScale;
  if (scaling.yarn === null) return stretched;
  const left = leftAlone(pair, headDim, base, scaling.yarn);
  return stretched * (1 - left) + plain * left;
}

/** How much of a pair's frequency YaRN leaves as it is, from 0 to 1 (Peng et al., 2023, equation 21; the bounds are llama.cpp's whole pairs). */
function leftAlone(
  pair: number,
  headDim: number,
  base: number,
  { originalContext, betaFast, betaSlow }: YarnRamp,
): number {
  const pairOfTurns = (turns: number) =>
    (headDim * Math.log(originalContext / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(0, Math.floor(pairOfTurns(betaFast)));
  const high = Math.min(headDim - 1, Math.ceil(pairOfTurns(betaSlow)));
  const along = (pair - low) / Math.max(0.001, high - low);
  return 1 - Math.min(1, Math.max(0, along));
}

/** Which numbers of a head are rotated together: (2i, 2i+1) or (i, i + headDim/2). */
export type RotaryPairs = "interleaved" | "halves";

/**
 * Rotates the pairs of every head by its position.
 *
 * @param x `[batch, positions, heads · headDim]`
 * @param places i64 `[batch, positions]`, where each is in its row; as they follow each other when absent
 */
export function rope(
  graph: Graph,
  x: Value,
  tables: RotaryTables,
  heads: number,
  pairs: RotaryPairs = "interleaved",
  places?: Value,
): Value {
  const y = graph.value(x.shape);
  const inverse = { cos: tables.cos, sin: tables.negativeSin, negativeSin: tables.sin };
  const attributes = { heads, interleaved: pairs === "interleaved" };
  const inputs = [x, tables.cos, tables.sin, ...(places === undefined ? [] : [places])];
  graph.record("rope", inputs, attributes, [y], ([dy]) => [
    dy && rope(graph, dy, inverse, heads, pairs, places),
  ]);
  return y;
}
