import type { LlamaShape } from "../../../../model-files/gguf/llama-shape.ts";
import type { Graph } from "../graph/graph.ts";
import { attention } from "../graph/ops/attention.ts";
import { crossEntropy } from "../graph/ops/cross-entropy.ts";
import { add, swiglu } from "../graph/ops/elementwise.ts";
import { rmsNorm } from "../graph/ops/norm.ts";
import { rope, rotaryTables } from "../graph/ops/rope.ts";
import { reshape, split } from "../graph/ops/shape.ts";
import type { Value } from "../graph/value.ts";
import { extentOf } from "../graph/value.ts";
import type { LinearName } from "./parameters.ts";

/** How the forward pass gets at its weights. */
export interface LlamaWeights {
  /** A norm's weight by its GGUF name. */
  norm(name: string): Value;
  /** Rows of the embedding: `[tokens, dim]`. */
  embedding(tokens: Value): Value;
  /** x · Wᵀ (with the adapter, where there is one) for `blk.{layer}.{linear}.weight`. */
  linear(x: Value, layer: number, linear: LinearName): Value;
  /** x · Wᵀ for the output head. */
  head(x: Value): Value;
}

/**
 * The decoder up to and including the last norm.
 *
 * @param tokens i32 `[batch · positions]`
 * @returns `[batch · positions, dim]`
 */
export function hiddenStates(
  graph: Graph,
  shape: LlamaShape,
  weights: LlamaWeights,
  tokens: Value,
  positions: number,
): Value {
  const { heads, kvHeads, headDim } = shape;
  const rows = extentOf(tokens, 0);
  const batch = rows / positions;
  const tables = rotaryTables(graph, positions, headDim, shape.ropeTheta);
  const byPosition = (x: Value, count: number) => reshape(graph, x, [batch, positions, count * headDim]);

  let x = weights.embedding(tokens);
  for (let layer = 0; layer < shape.layers; layer++) {
    graph.boundary(x);
    const attended = rmsNorm(graph, x, weights.norm(`blk.${layer}.attn_norm.weight`), shape.normEps);
    const q = rope(graph, byPosition(weights.linear(attended, layer, "attn_q"), heads), tables, heads);
    const k = rope(graph, byPosition(weights.linear(attended, layer, "attn_k"), kvHeads), tables, kvHeads);
    const v = byPosition(weights.linear(attended, layer, "attn_v"), kvHeads);
    const joined = reshape(graph, attention(graph, q, k, v, heads, kvHeads), [rows, heads * headDim]);
    x = add(graph, x, weights.linear(joined, layer, "attn_output"));

    const normal = rmsNorm(graph, x, weights.norm(`blk.${layer}.ffn_norm.weight`), shape.normEps);
    const gated = swiglu(
      graph,
      weights.linear(normal, layer, "ffn_gate"),
      weights.linear(normal, layer, "ffn_up"),
    );
    x = add(graph, x, weights.linear(gated, layer, "ffn_down"));
  }
  graph.boundary(x);
  return rmsNorm(graph, x, weights.norm("output_norm.weight"), shape.normEps);
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
  weights: LlamaWeights,
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
    return crossEntropy(graph, weights.head(part), target, weight);
  });
  return losses.reduce((sum, loss) => add(graph, sum, loss));
}
