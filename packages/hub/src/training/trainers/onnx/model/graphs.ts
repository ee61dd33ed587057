import type { DecoderShape } from "../../../../model-files/gguf/decoder-shape.ts";
import { differentiate } from "../graph/differentiate.ts";
import { Graph } from "../graph/graph.ts";
import { add } from "../graph/ops/elementwise.ts";
import { gatherRows } from "../graph/ops/embedding.ts";
import { reshape, split } from "../graph/ops/shape.ts";
import { elementCount } from "../graph/value.ts";
import { dequantise, frozenLinear, linear, loraLinear } from "../graph/ops/linear.ts";
import type { Value } from "../graph/value.ts";
import type { OptimizerSettings } from "./adamw.ts";
import { addAdamW, nextName } from "./adamw.ts";
import type { DecoderWeights } from "./decoder.ts";
import { hiddenStates, logitsOf, tokenLoss } from "./decoder.ts";
import type { WeightShape } from "./parameters.ts";

/** Elements that share one scale in a Q8_0 weight. */
export const quantisedBlock = 32;

/** Everything that decides the graphs of a model; the weights themselves are fed. */
export interface ModelPlan {
  readonly shape: DecoderShape;
  readonly weights: readonly WeightShape[];
  /** Names of the weights fed as int8 with scales. */
  readonly quantised: ReadonlySet<string>;
  readonly trainable: readonly WeightShape[];
  /** The trainable tensors as they are kept, fed and updated. */
  readonly parameters: readonly Parameter[];
  /** Absent when the model's own weights are trained. */
  readonly adapter?: { readonly scale: number };
  readonly lossChunk: number;
}

/** Names of the two feeds of a quantised weight. */
export const quantisedNames = (name: string) => [`${name}.values`, `${name}.scales`] as const;

/** Name of the running sum of a parameter's gradient. */
export const gradientName = (name: string) => `g:${name}`;

/** One tensor of the optimizer: a trainable tensor, or several of them one after the other. */
export interface Parameter extends WeightShape {
  /** Whether weight decay applies: to matrices. */
  readonly decays: boolean;
  /** Trainable tensors in this one, in order; absent when it is itself one. */
  readonly parts?: readonly WeightShape[];
}

class Inputs implements DecoderWeights {
  readonly #graph: Graph;
  readonly #plan: ModelPlan;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #values = new Map<string, Value>();

  constructor(graph: Graph, plan: ModelPlan) {
    this.#graph = graph;
    this.#plan = plan;
    const known = [...plan.weights, ...plan.trainable, ...plan.parameters];
    this.#shapes = new Map(known.map(({ name, shape }) => [name, shape]));
  }

  /** A weight as it is used in products; a quantised one is decoded anew at each call. */
  value(name: string): Value {
    if (!this.#plan.quantised.has(name)) return this.#input(name, this.#shape(name));
    const [values, scales] = this.#quantised(name);
    return dequantise(this.#graph, values, scales, quantisedBlock);
  }

  /** A trainable tensor of the adapter. */
  #trainable(name: string): Value {
    let value = this.#values.get(name);
    if (value !== undefined) return value;
    const packed = this.#plan.parameters.find(({ parts }) => parts?.some((part) => part.name === name));
    if (packed?.parts === undefined) return this.value(name);
    const sizes = packed.parts.map(({ shape }) => elementCount(shape));
    const pieces = split(this.#graph, this.value(packed.name), 0, sizes);
    packed.parts.forEach((part, i) => {
      const piece = pieces[i];
      if (piece !== undefined) this.#values.set(part.name, reshape(this.#graph, piece, part.shape));
    });
    value = this.#values.get(name);
    if (value === undefined) throw new Error(`${packed.name} holds no ${name}`);
    return value;
  }

  vector(name: string): Value {
    return this.value(name);
  }

  embedding(tokens: Value): Value {
    const name = "token_embd.weight";
    if (!this.#plan.quantised.has(name)) return gatherRows(this.#graph, this.value(name), tokens);
    const [values, scales] = this.#quantised(name);
    const rows = [gatherRows(this.#graph, values, tokens), gatherRows(this.#graph, scales, tokens)] as const;
    return dequantise(this.#graph, ...rows, quantisedBlock);
  }

  linear(x: Value, layer: number, name: string): Value {
    const weight = `blk.${layer}.${name}.weight`;
    if (this.#plan.adapter === undefined) return linear(this.#graph, x, this.value(weight));
    const frozen = () => this.value(weight);
    const [a, b] = [`${weight}.lora_a`, `${weight}.lora_b`];
    if (!this.#shapes.has(a)) return frozenLinear(this.#graph, x, frozen);
    const lowRank = { a: this.#trainable(a), b: this.#trainable(b), scale: this.#plan.adapter.scale };
    return loraLinear(this.#graph, x, frozen, lowRank);
  }

  head(x: Value): Value {
    const name = this.#plan.shape.tied ? "token_embd.weight" : "output.weight";
    if (this.#plan.adapter === undefined) return linear(this.#graph, x, this.value(name));
    return frozenLinear(this.#graph, x, () => this.value(name));
  }

  #quantised(name: string): readonly [Value, Value] {
    const [out = 0, columns = 0] = this.#shape(name);
    const [values, scales] = quantisedNames(name);
    return [this.#input(values, [out, columns], "i8"), this.#input(scales, [out, columns / quantisedBlock])];
  }

  #input(name: string, shape: readonly number[], type: "f32" | "i8" = "f32"): Value {
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
  const states = hiddenStates(graph, plan.shape, inputs, tokens, sequenceLength, several);
  const hidden =
    scored === rows ? states : gatherRows(graph, states, graph.input("scoredRows", [scored], "i32"));
  const loss = tokenLoss(graph, plan.shape, inputs, hidden, targets, lossWeights, plan.lossChunk);
  graph.output("loss", loss);
  return { graph, inputs, loss };
}

function gradients(plan: ModelPlan, { graph, inputs, loss }: ReturnType<typeof lossGraph>) {
  const parameters = plan.parameters.map(({ name, decays }) => ({
    name,
    decays,
    parameter: inputs.value(name),
  }));
  const found = differentiate(
    graph,
    loss,
    parameters.map(({ parameter }) => parameter),
  );
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

/** Forward, backward and update of one batch. */
export function stepGraph(plan: ModelPlan, batch: BatchShape, optimizer: OptimizerSettings): Graph {
  const parts = lossGraph(plan, batch);
  addAdamW(parts.graph, gradients(plan, parts), optimizer);
  return parts.graph;
}

/** Forward and backward of one micro-batch; the gradients are added to the sums `g:…`. */
export function gradientGraph(plan: ModelPlan, batch: BatchShape): Graph {
  const parts = lossGraph(plan, batch);
  for (const { name, gradient } of gradients(plan, parts)) {
    const sum = parts.graph.input(gradientName(name), gradient.shape);
    parts.graph.output(nextName(gradientName(name)), add(parts.graph, sum, gradient));
  }
  return parts.graph;
}

/** Update from the summed gradients `g:…`. */
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
