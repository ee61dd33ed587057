import { traitsOf } from "../../../../model-files/gguf/decoder-shape.ts";
import type { DecoderShape } from "../../../../model-files/gguf/decoder-shape.ts";
import { differentiate } from "../graph/differentiate.ts";
import { Graph } from "../graph/graph.ts";
import { add } from "../graph/ops/elementwise.ts";
import { gatherRows } from "../graph/ops/embedding.ts";
import { concatenate, reshape } from "../graph/ops/shape.ts";
import { recomputeBlocks } from "../graph/recompute.ts";
import { extentOf } from "../graph/value.ts";
import { frozenLinear, linear, loraLinear } from "../graph/ops/linear.ts";
import type { SlicedHead } from "../graph/ops/sliced-cross-entropy.ts";
import { slicedCrossEntropy } from "../graph/ops/sliced-cross-entropy.ts";
import type { ElementType, Value } from "../graph/value.ts";
import type { OptimizerSettings } from "./adamw.ts";
import { addAdamW, nextName } from "./adamw.ts";
import type { DecoderWeights } from "./decoder.ts";
import { hiddenStates, logitsOf, tokenLoss } from "./decoder.ts";
import { decodeKept, keptName, keptParts, keptRows, keptSlice } from "./kept-weight.ts";
import type { KeptType, KeptValue } from "./kept-weight.ts";
import type { WeightShape } from "./parameters.ts";

/** Everything that decides the graphs of a model; the weights themselves are fed. */
export interface ModelPlan {
  readonly shape: DecoderShape;
  readonly weights: readonly WeightShape[];
  /** How the weights are kept that are not fed as 32-bit floats, by name. */
  readonly kept: ReadonlyMap<string, KeptType>;
  /** What is trained. */
  readonly parameters: readonly Parameter[];
  /** Absent when the model's own weights are trained. */
  readonly adapter?: { readonly scale: number };
  readonly lossChunk: number;
  /** Whether the backward pass computes each block again instead of keeping what it computed. */
  readonly recompute: boolean;
}

/** Name of the matrix that gives the logits. */
export const headName = ({ tied }: Pick<DecoderShape, "tied">) =>
  tied ? "token_embd.weight" : "output.weight";

/** Name of the running sum of a parameter's gradient. */
export const gradientName = (name: string) => `g:${name}`;

/** One tensor of the optimizer. */
export interface Parameter extends WeightShape {
  /** Whether weight decay applies: to matrices. */
  readonly decays: boolean;
}

class Inputs implements DecoderWeights {
  readonly #graph: Graph;
  readonly #plan: ModelPlan;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #values = new Map<string, Value>();

  constructor(graph: Graph, plan: ModelPlan) {
    this.#graph = graph;
    this.#plan = plan;
    const known = [...plan.weights, ...plan.parameters];
    this.#shapes = new Map(known.map(({ name, shape }) => [name, shape]));
  }

  /** A weight as it is used in products; a kept one is decoded anew at each call. */
  value(name: string): Value {
    const kept = this.#kept(name);
    return kept === undefined ? this.#input(name, this.#shape(name)) : decodeKept(this.#graph, kept);
  }

  vector(name: string): Value {
    return this.value(name);
  }

  embedding(tokens: Value): Value {
    return this.#rows("token_embd.weight", tokens);
  }

  linear(x: Value, layer: number, name: string): Value {
    const weight = `blk.${layer}.${name}.weight`;
    if (this.#plan.adapter === undefined) return linear(this.#graph, x, this.value(weight));
    const frozen = () => this.value(weight);
    const [a, b] = [`${weight}.lora_a`, `${weight}.lora_b`];
    if (!this.#shapes.has(a)) return frozenLinear(this.#graph, x, frozen);
    const lowRank = { a: this.value(a), b: this.value(b), scale: this.#plan.adapter.scale };
    return loraLinear(this.#graph, x, frozen, lowRank);
  }

  headMatrix(): Value {
    return this.value(headName(this.#plan.shape));
  }

  head(x: Value): Value {
    if (this.#plan.adapter === undefined) return linear(this.#graph, x, this.headMatrix());
    const slices = this.slicedHead(extentOf(x, 0))?.slices ?? [() => this.headMatrix()];
    const logits = slices.map((slice) => frozenLinear(this.#graph, x, slice));
    return concatenate(this.#graph, logits, 1);
  }

  /**
   * The head in slices of rows, where it is kept and so is not to be decoded whole.
   *
   * @param rows that the head is multiplied with; a slice and its logits have about as many numbers
   *   as a chunk of the loss
   */
  slicedHead(rows: number): SlicedHead | undefined {
    const name = headName(this.#plan.shape);
    const kept = this.#kept(name);
    if (kept === undefined) return undefined;
    const [vocabulary = 0, dim = 0] = this.#shape(name);
    const step = Math.max(1, Math.floor((this.#plan.lossChunk * vocabulary) / Math.max(dim, rows)));
    const slices = Array.from({ length: Math.ceil(vocabulary / step) }, (_, index) => () => {
      const to = Math.min(vocabulary, (index + 1) * step);
      return decodeKept(this.#graph, keptSlice(this.#graph, kept, index * step, to));
    });
    return { slices, rowsOf: (tokens) => this.#rows(name, tokens) };
  }

  #rows(name: string, tokens: Value): Value {
    const kept = this.#kept(name);
    if (kept === undefined) return gatherRows(this.#graph, this.value(name), tokens);
    return decodeKept(this.#graph, keptRows(this.#graph, kept, tokens));
  }

  #kept(name: string): KeptValue | undefined {
    const type = this.#plan.kept.get(name);
    if (type === undefined) return undefined;
    const parts = keptParts(type, this.#shape(name)).map(
      (one) => [one.part, this.#input(keptName(name, one.part), one.shape, one.type)] as const,
    );
    return { type, parts: new Map(parts) };
  }

  #input(name: string, shape: readonly number[], type: ElementType = "f32"): Value {
    let value = this.#values.get(name);
    if (value === undefined) {
      value = this.#graph.input(name, shape, type);
      this.#values.set(name, value);
    }
    return value;
  }

  #shape(name: string): readonly number[] {
    const shape = this.#shapes.get(name);
    if (shape === undefined) throw new Error(`the model has no weight ${name}`);
    return shape;
  }
}

/** Sizes of the batches of one graph. */
export interface BatchShape {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Positions for which there is a loss; fewer than all are named by the input `scoredRows`. */
  readonly scored: number;
  /** Whether a sequence holds several rows: inputs `places` and `mask`. */
  readonly packed?: boolean;
}

function lossGraph(plan: ModelPlan, { batchSize, sequenceLength, scored, packed }: BatchShape) {
  const graph = new Graph();
  const inputs = new Inputs(graph, plan);
  const rows = batchSize * sequenceLength;
  const tokens = graph.input("tokens", [rows], "i32");
  const targets = graph.input("targets", [scored, 1], "i32");
  const lossWeights = graph.input("lossWeights", [scored, 1]);
  const several =
    packed === true
      ? {
          places: graph.input("places", [batchSize, sequenceLength], "i64"),
          mask: graph.input("mask", [batchSize, 1, sequenceLength, sequenceLength]),
        }
      : undefined;
  // An adapter's base may be as large as there is room for; from nothing people train what is small.
  const states = hiddenStates(graph, plan.shape, inputs, tokens, sequenceLength, {
    packed: several,
    lean: plan.adapter !== undefined,
  });
  const hidden =
    scored === rows ? states : gatherRows(graph, states, graph.input("scoredRows", [scored], "i32"));
  const sliced = inputs.slicedHead(scored);
  const loss =
    sliced === undefined
      ? tokenLoss(graph, plan.shape, inputs, hidden, targets, lossWeights, plan.lossChunk)
      : slicedCrossEntropy(
          graph,
          hidden,
          sliced,
          reshape(graph, targets, [scored]),
          lossWeights,
          traitsOf(plan.shape).logitCap,
        );
  graph.output("loss", loss);
  return { graph, inputs, loss };
}

function gradients(plan: ModelPlan, { graph, inputs, loss }: ReturnType<typeof lossGraph>) {
  const parameters = plan.parameters.map(({ name, decays }) => ({
    name,
    decays,
    parameter: inputs.value(name),
  }));
  const sources = parameters.map(({ parameter }) => parameter);
  const backwardFrom = graph.operations.length;
  // Every block but the first one's own input leads to a parameter.
  const leaving = plan.recompute ? graph.boundaries.slice(1).map(({ value }) => value) : [];
  const found = differentiate(graph, loss, [...sources, ...leaving]);
  if (plan.recompute) recomputeBlocks(graph, backwardFrom, found);
  return parameters.map(({ name, parameter, decays }) => {
    const gradient = found.get(parameter);
    if (gradient === undefined) throw new Error(`no gradient for ${name}`);
    return { name, parameter, gradient, decays };
  });
}

/** Forward only: inputs `tokens`, `targets`, `lossWeights` (and `scoredRows`); output `loss`. */
export function evaluationGraph(plan: ModelPlan, batch: BatchShape): Graph {
  return lossGraph(plan, batch).graph;
}

/** Forward, backward and update of one batch, for state on a device. */
export function stepGraph(plan: ModelPlan, batch: BatchShape, optimizer: OptimizerSettings): Graph {
  const parts = lossGraph(plan, batch);
  addAdamW(parts.graph, gradients(plan, parts), optimizer);
  return parts.graph;
}

/**
 * Forward and backward of one micro-batch: the gradients as `next:g:…`, with `sums` added to the sums `g:…`.
 */
export function gradientGraph(plan: ModelPlan, batch: BatchShape, options: { sums: boolean }): Graph {
  const parts = lossGraph(plan, batch);
  const { graph } = parts;
  for (const { name, gradient } of gradients(plan, parts)) {
    const named = gradientName(name);
    const given = options.sums ? add(graph, graph.input(named, gradient.shape), gradient) : gradient;
    graph.output(nextName(named), given);
  }
  return graph;
}

/** Update from the summed gradients `g:…`, for state on a device. */
export function updateGraph(plan: ModelPlan, optimizer: OptimizerSettings): Graph {
  const graph = new Graph();
  const updates = plan.parameters.map(({ name, shape, decays }) => ({
    name,
    decays,
    parameter: graph.input(name, shape),
    gradient: graph.input(gradientName(name), shape),
  }));
  addAdamW(graph, updates, optimizer);
  return graph;
}

/** Logits of some positions: inputs `tokens [sequenceLength]`, `position [count]`; output `logits [count, vocabulary]`. */
export function logitsGraph(plan: ModelPlan, sequenceLength: number, count = 1): Graph {
  const graph = new Graph();
  const inputs = new Inputs(graph, plan);
  const tokens = graph.input("tokens", [sequenceLength], "i32");
  const positions = graph.input("position", [count], "i32");
  const hidden = hiddenStates(graph, plan.shape, inputs, tokens, sequenceLength);
  graph.output("logits", logitsOf(graph, plan.shape, inputs, gatherRows(graph, hidden, positions)));
  return graph;
}
