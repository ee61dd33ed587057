import type { DecoderShape, LinearName } from "../../../../model-files/gguf/decoder-shape.ts";
import { traitsOf, windowAt } from "../../../../model-files/gguf/decoder-shape.ts";
import type { Graph } from "../graph/graph.ts";
import { attention } from "../graph/ops/attention.ts";
import { crossEntropy } from "../graph/ops/cross-entropy.ts";
import { headCrossEntropy } from "../graph/ops/head-cross-entropy.ts";
import { add, scale, softCap } from "../graph/ops/elementwise.ts";
import { geglu, swiglu } from "../graph/ops/gated.ts";
import { rmsNorm } from "../graph/ops/norm.ts";
import type { RotaryTables } from "../graph/ops/rope.ts";
import { rope, rotaryTables } from "../graph/ops/rope.ts";
import { reshape, split } from "../graph/ops/shape.ts";
import type { Value } from "../graph/value.ts";
import { extentOf } from "../graph/value.ts";

/** How the forward pass gets at its weights. */
export interface DecoderWeights {
  /** A norm's weight or a bias by its GGUF name. */
  vector(name: string): Value;
  /** Rows of the embedding: `[tokens, dim]`. */
  embedding(tokens: Value): Value;
  /** x · Wᵀ (with the adapter, where there is one) for `blk.{layer}.{linear}.weight`. */
  linear(x: Value, layer: number, linear: LinearName): Value;
  /** x · Wᵀ for the output head. */
  head(x: Value): Value;
  /** W of the output head as it is used in products: `[vocabulary, dim]`. */
  headMatrix(): Value;
}

/** Where the rows of packed sequences are. */
export interface PackedRows {
  /** i64 `[batch, positions]`: of each token in its row. */
  places: Value;
  /** f32 `[batch, 1, positions, positions]`, added to the scores of attention. */
  mask: Value;
}

/**
 * The decoder up to and including the last norm.
 *
 * @param tokens i32 `[batch · positions]`
 * @param options.packed of sequences that hold several rows
 * @param options.lean keeps less for the backward pass where that costs little time
 * @returns `[batch · positions, dim]`
 */
export function hiddenStates(
  graph: Graph,
  shape: DecoderShape,
  weights: DecoderWeights,
  tokens: Value,
  positions: number,
  { packed, lean = false }: { packed?: PackedRows | undefined; lean?: boolean } = {},
): Value {
  const { heads, kvHeads, headDim } = shape;
  const traits = traitsOf(shape);
  const rows = extentOf(tokens, 0);
  const batch = rows / positions;
  const tablesOf = rotations(graph, shape, positions);
  const norm = (x: Value, name: string) => rmsNorm(graph, x, weights.vector(`${name}.weight`), shape.normEps);
  const linear = (x: Value, layer: number, name: LinearName) => {
    const y = weights.linear(x, layer, name);
    return traits.biases.includes(name) ? add(graph, y, weights.vector(`blk.${layer}.${name}.bias`)) : y;
  };
  const perHead = (x: Value, name: string) =>
    reshape(
      graph,
      norm(reshape(graph, x, [extentOf(x, 0) * (extentOf(x, 1) / headDim), headDim]), name),
      x.shape,
    );
  const byPosition = (x: Value, count: number) => reshape(graph, x, [batch, positions, count * headDim]);
  const rotated = (x: Value, layer: number, count: number) => {
    const tables = tablesOf(layer);
    const positioned = byPosition(x, count);
    return tables === undefined
      ? positioned
      : rope(graph, positioned, tables, count, traits.rotation, packed?.places);
  };

  let x = weights.embedding(tokens);
  if (traits.embeddingScale !== 1) x = scale(graph, x, traits.embeddingScale);
  for (let layer = 0; layer < shape.layers; layer++) {
    graph.boundary(x);
    const block = `blk.${layer}`;
    const attended = norm(x, `${block}.attn_norm`);
    const normed = (y: Value, name: string) =>
      traits.queryKeyNorms ? perHead(y, `${block}.${name}_norm`) : y;
    const q = rotated(normed(linear(attended, layer, "attn_q"), "attn_q"), layer, heads);
    const k = rotated(normed(linear(attended, layer, "attn_k"), "attn_k"), layer, kvHeads);
    const v = byPosition(linear(attended, layer, "attn_v"), kvHeads);
    const mixed = attention(graph, q, k, v, {
      heads,
      kvHeads,
      scale: traits.attentionScale,
      cap: traits.attentionCap,
      window: windowAt(traits, layer),
      mask: packed?.mask,
    });
    const joined = reshape(graph, mixed, [rows, heads * headDim]);
    const added = (y: Value, name: string) =>
      add(graph, x, traits.postNorms ? norm(y, `${block}.${name}`) : y);
    x = added(linear(joined, layer, "attn_output"), "post_attention_norm");

    const normal = norm(x, `${block}.ffn_norm`);
    const [gate, up] = [linear(normal, layer, "ffn_gate"), linear(normal, layer, "ffn_up")];
    const gated = traits.activation === "gelu" ? geglu(graph, gate, up) : swiglu(graph, gate, up, { lean });
    x = added(linear(gated, layer, "ffn_down"), "post_ffw_norm");
  }
  graph.boundary(x);
  return norm(x, "output_norm");
}

/** The rotation of each layer, by tables that layers of one kind share; undefined for a layer that does not rotate. */
function rotations(
  graph: Graph,
  shape: DecoderShape,
  positions: number,
): (layer: number) => RotaryTables | undefined {
  const { headDim, ropeTheta } = shape;
  const traits = traitsOf(shape);
  const { sliding, ropeScaling, unrotatedEvery } = traits;
  const whole = rotaryTables(graph, positions, { headDim, base: ropeTheta, scaling: ropeScaling });
  const local =
    sliding === null
      ? whole
      : rotaryTables(graph, positions, {
          headDim,
          base: sliding.ropeTheta,
          scaling: sliding.scaled ? ropeScaling : null,
        });
  return (layer) => {
    if (unrotatedEvery > 0 && (layer + 1) % unrotatedEvery === 0) return undefined;
    return windowAt(traits, layer) === null ? whole : local;
  };
}

/** Logits of hidden states: `[rows, dim]` to `[rows, vocabulary]`. */
export function logitsOf(graph: Graph, shape: DecoderShape, weights: DecoderWeights, hidden: Value): Value {
  const { logitCap } = traitsOf(shape);
  const logits = weights.head(hidden);
  return logitCap === null ? logits : softCap(graph, logits, logitCap);
}

/**
 * Weighted cross-entropy of the next tokens, in chunks of rows so that the logits of a long
 * vocabulary need not all be in memory at once.
 *
 * @param hidden `[rows, dim]`
 * @param targets i32 `[rows, 1]`
 * @param lossWeights `[rows, 1]`
 * @param chunk rows at a time
 * @returns a scalar
 */
export function tokenLoss(
  graph: Graph,
  shape: DecoderShape,
  weights: DecoderWeights,
  hidden: Value,
  targets: Value,
  lossWeights: Value,
  chunk: number,
): Value {
  const rows = extentOf(hidden, 0);
  const sizes: number[] = [];
  for (let from = 0; from < rows; from += chunk) sizes.push(Math.min(chunk, rows - from));
  const hiddenParts = split(graph, hidden, 0, sizes);
  const targetParts = split(graph, targets, 0, sizes);
  const weightParts = split(graph, lossWeights, 0, sizes);
  const losses = hiddenParts.map((part, i) => {
    const [target, weight] = [targetParts[i], weightParts[i]];
    if (target === undefined || weight === undefined) throw new RangeError("chunks of unequal number");
    return traitsOf(shape).logitCap === null
      ? headCrossEntropy(graph, part, weights.headMatrix(), target, weight)
      : crossEntropy(graph, logitsOf(graph, shape, weights, part), target, weight);
  });
  return losses.reduce((sum, loss) => add(graph, sum, loss));
}
