import type { Graph } from "../graph/graph.ts";
import {
  add,
  divide,
  isFinite,
  minimum,
  multiply,
  select,
  squareRoot,
  subtract,
} from "../graph/ops/elementwise.ts";
import { sumOfSquares } from "../graph/ops/shape.ts";
import type { Value } from "../graph/value.ts";

/** Settings of AdamW that do not change during a run. */
export interface OptimizerSettings {
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled decay (Loshchilov and Hutter, 2019), on matrices only. */
  weightDecay: number;
  /** Greatest norm of the gradient over all parameters; null leaves it as it is. */
  clipNorm: number | null;
}

/** What one update reads and gives for a parameter. */
export interface ParameterUpdate {
  readonly name: string;
  readonly parameter: Value;
  readonly gradient: Value;
  /** Whether weight decay applies. */
  readonly decays: boolean;
}

/** The scalars that change from step to step. */
export type StepScalars = Readonly<Record<"rate" | "stepEpsilon" | "keep", number>>;

/** Names under which the state of a parameter enters and leaves a graph. */
export const stateNames = (name: string) => [name, `m:${name}`, `v:${name}`] as const;
export const nextName = (name: string) => `next:${name}`;

/**
 * Adds to the graph: the global gradient norm (output `gradientNorm`), clipping, AdamW, and the
 * new state as outputs `next:…`. For state on a device; in host memory the room `optimizer/` does it.
 *
 * The moments are kept divided by (1 − β), which saves two products per parameter; the step's
 * scalars from {@link stepScalarValues} undo it. Where the norm is infinite or NaN, the rate
 * becomes 0, all decay factors 1 and the gradients 0, so that every output equals its input bit
 * for bit.
 */
export function addAdamW(
  graph: Graph,
  updates: readonly ParameterUpdate[],
  settings: OptimizerSettings,
): void {
  const [zero, one] = [graph.scalar(0), graph.scalar(1)];
  let total: Value | undefined;
  for (const { gradient } of updates) {
    const square = sumOfSquares(graph, gradient);
    total = total === undefined ? square : add(graph, total, square);
  }
  if (total === undefined) throw new Error("there is nothing to train");
  const norm = squareRoot(graph, total);
  graph.output("gradientNorm", norm);
  const finite = isFinite(graph, norm);
  const when = (usual: Value, otherwise: Value) => select(graph, finite, usual, otherwise);
  const rate = when(graph.input("rate", []), zero);
  const epsilon = graph.input("stepEpsilon", []);
  const keep = when(graph.input("keep", []), one);
  const keepFirst = when(graph.scalar(settings.beta1), one);
  const keepSecond = when(graph.scalar(settings.beta2), one);
  const clip =
    settings.clipNorm === null
      ? undefined
      : minimum(
          graph,
          one,
          divide(graph, graph.scalar(settings.clipNorm), add(graph, norm, graph.scalar(1e-6))),
        );

  for (const { name, parameter, gradient, decays } of updates) {
    const [, firstName, secondName] = stateNames(name);
    const first = graph.input(firstName, parameter.shape);
    const second = graph.input(secondName, parameter.shape);
    const sound = when(gradient, zero);
    const clipped = clip === undefined ? sound : multiply(graph, sound, when(clip, one));
    const nextFirst = add(graph, multiply(graph, first, keepFirst), clipped);
    const nextSecond = add(graph, multiply(graph, second, keepSecond), multiply(graph, clipped, clipped));
    const change = divide(graph, nextFirst, add(graph, squareRoot(graph, nextSecond), epsilon));
    const kept = decays && settings.weightDecay !== 0 ? multiply(graph, parameter, keep) : parameter;
    graph.output(nextName(name), subtract(graph, kept, multiply(graph, change, rate)));
    graph.output(nextName(firstName), nextFirst);
    graph.output(nextName(secondName), nextSecond);
  }
}

/**
 * The scalars of one step: with M = m/(1−β₁) and V = v/(1−β₂), AdamW's
 * rate · m̂ / (√v̂ + ε) equals `rate` · M / (√V + `stepEpsilon`).
 *
 * @param step 1-based
 */
export function stepScalarValues(
  settings: OptimizerSettings,
  learningRate: number,
  step: number,
): StepScalars {
  const { beta1, beta2, epsilon, weightDecay } = settings;
  const spread = Math.sqrt(1 - beta2 ** step) / Math.sqrt(1 - beta2);
  return {
    rate: ((learningRate * (1 - beta1)) / (1 - beta1 ** step)) * spread,
    stepEpsilon: epsilon * spread,
    keep: 1 - learningRate * weightDecay,
  };
}
