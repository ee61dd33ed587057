import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import { softmax } from "./attention.ts";
import { logarithm, maximum, multiply, scale } from "./elementwise.ts";
import { reduceSum } from "./shape.ts";

/** Smallest normal f32: a probability that underflowed counts as this one (a loss of 87.3). */
const leastProbability = 2 ** -126;

/**
 * Σ weightᵢ · −ln softmax(logitsᵢ)[targetᵢ], a scalar.
 *
 * @param logits `[rows, vocabulary]`
 * @param targets i32 `[rows, 1]`, each in 0 … vocabulary − 1 (any, where the weight is 0)
 * @param weights `[rows, 1]`; 0 takes a row out of the loss
 */
export function crossEntropy(graph: Graph, logits: Value, targets: Value, weights: Value): Value {
  const [loss] = graph.withGradient(
    [logits],
    () => {
      const p = softmax(graph, logits);
      return [surpriseOf(graph, p, targets, weights), p] as const;
    },
    ([, p]) =>
      ([dy]) => {
        if (dy === undefined) return [];
        const difference = graph.value(logits.shape);
        graph.record("subtractOneHot", [p, targets], {}, [difference]);
        return [multiply(graph, difference, multiply(graph, weights, dy))];
      },
  );
  return loss;
}

/** Σ weightᵢ · −ln pᵢ[targetᵢ] of probabilities `[rows, vocabulary]`; no gradient: used where the rule is given by hand. */
export function surpriseOf(graph: Graph, p: Value, targets: Value, weights: Value): Value {
  const picked = graph.value([extentOf(p, 0), 1]);
  graph.record("pick", [p, targets], {}, [picked]);
  const logarithms = logarithm(graph, maximum(graph, picked, graph.scalar(leastProbability)));
  return scale(graph, reduceSum(graph, multiply(graph, logarithms, weights), [0, 1], false), -1);
}
