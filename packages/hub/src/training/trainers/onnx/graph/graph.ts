import type { ConstantContents, ElementType, Shape, Value } from "./value.ts";
import { elementCount } from "./value.ts";

/** Attributes of every operation that a lowering must know. */
export interface OperationAttributes {
  add: Record<never, never>;
  subtract: Record<never, never>;
  multiply: Record<never, never>;
  divide: Record<never, never>;
  minimum: Record<never, never>;
  maximum: Record<never, never>;
  scale: { factor: number };
  squareRoot: Record<never, never>;
  logarithm: Record<never, never>;
  identity: Record<never, never>;
  sigmoid: Record<never, never>;
  silu: Record<never, never>;
  tanh: Record<never, never>;
  isFinite: Record<never, never>;
  select: Record<never, never>;
  matmul: { transposeA: boolean; transposeB: boolean; alpha: number };
  addProduct: { alpha: number };
  reshape: Record<never, never>;
  transpose: { permutation: readonly number[] };
  split: { axis: number; sizes: readonly number[] };
  concatenate: { axis: number };
  reduceSum: { axes: readonly number[]; keepAxes: boolean };
  sumOfSquares: Record<never, never>;
  softmax: Record<never, never>;
  rmsNorm: { epsilon: number };
  rope: { heads: number; interleaved: boolean };
  attention: { heads: number; kvHeads: number; scale: number; cap: number | null; window: number | null };
  gatherRows: Record<never, never>;
  scatterAddRows: Record<never, never>;
  pick: Record<never, never>;
  subtractOneHot: Record<never, never>;
  toFloat: Record<never, never>;
  unpackNibbles: Record<never, never>;
  sliceRows: { from: number; to: number };
  exponential: Record<never, never>;
  logSumExp: Record<never, never>;
}

export type OperationKind = keyof OperationAttributes;

/** One node: inputs, outputs and the attributes of its kind. */
export interface Operation<K extends OperationKind = OperationKind> {
  readonly kind: K;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: OperationAttributes[K];
}

/** What a gradient rule gets to know about the pass that calls it. */
export interface GradientContext {
  /** Whether anybody wants the gradient of this input; rules skip what is not wanted. */
  readonly wanted: (input: Value) => boolean;
  /** The gradient that later operations have already given this input. */
  readonly accumulated: (input: Value) => Value | undefined;
}

/** Gradient of one input: nothing, a term to add, or a sum that already holds what was accumulated. */
export type InputGradient = Value | { readonly total: Value } | undefined;

/** Vector-Jacobian product: gradients of the inputs from those of the outputs. */
export type GradientRule = (
  outputGradients: readonly (Value | undefined)[],
  context: GradientContext,
) => readonly InputGradient[];

/** One differentiable step as the backward pass sees it; may cover several operations. */
export interface TapeEntry {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly gradient: GradientRule;
}

/**
 * A computation with static shapes: values, operations in the order they were made, and the
 * tape that the backward pass reads. Holds no weights: parameters are inputs.
 */
export class Graph {
  readonly operations: Operation[] = [];
  readonly tape: TapeEntry[] = [];
  readonly inputs = new Map<string, Value>();
  readonly outputs = new Map<string, Value>();
  readonly constants = new Map<Value, ConstantContents>();
  /** Where blocks begin, with the value that enters; the last one ends the last block. */
  readonly boundaries: { readonly at: number; readonly value: Value }[] = [];
  /** Results that are to be computed although nothing may read them: a kernel that leaves one out rounds otherwise. */
  readonly demanded = new Set<Value>();
  readonly #scalars = new Map<number, Value>();
  #values = 0;
  #untaped = 0;

  /** A fresh value without a producer. */
  value(shape: Shape, type: ElementType = "f32"): Value {
    return { id: this.#values++, type, shape };
  }

  /** Marks that a block begins here, whose operations depend on earlier ones by this value alone (and by weights). */
  boundary(value: Value): void {
    this.boundaries.push({ at: this.operations.length, value });
  }

  /** A named input that every run must feed. */
  input(name: string, shape: Shape, type: ElementType = "f32"): Value {
    if (this.inputs.has(name)) throw new Error(`the graph already has an input named ${name}`);
    const value = this.value(shape, type);
    this.inputs.set(name, value);
    return value;
  }

  /** Gives a value a public name; only what an output needs is lowered. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw new Error(`the graph already has an output named ${name}`);
    this.outputs.set(name, value);
  }

  /** A constant tensor. */
  constant(shape: Shape, contents: ConstantContents, type: ElementType = "f32"): Value {
    if (contents.length !== elementCount(shape)) {
      throw new RangeError(`${contents.length} elements given for shape [${shape.join(", ")}]`);
    }
    const value = this.value(shape, type);
    this.constants.set(value, contents);
    return value;
  }

  /** A constant scalar, made once per number. */
  scalar(number: number): Value {
    let value = this.#scalars.get(number);
    if (value === undefined) {
      value = this.constant([], Float32Array.of(number));
      this.#scalars.set(number, value);
    }
    return value;
  }

  /** Records an operation, and its gradient rule when it has one. */
  record<K extends OperationKind>(
    kind: K,
    inputs: readonly Value[],
    attributes: OperationAttributes[K],
    outputs: readonly Value[],
    gradient?: GradientRule,
  ): void {
    this.operations.push({ kind, inputs, attributes, outputs });
    if (gradient !== undefined && this.#untaped === 0) this.tape.push({ inputs, outputs, gradient });
  }

  /**
   * Builds values whose gradient is given as one rule instead of by the operations inside, for
   * formulas where the chain rule taken literally computes or keeps more than needed.
   */
  withGradient<T extends readonly Value[]>(
    inputs: readonly Value[],
    build: () => T,
    gradient: (outputs: T) => GradientRule,
  ): T {
    this.#untaped++;
    let outputs: T;
    try {
      outputs = build();
    } finally {
      this.#untaped--;
    }
    if (this.#untaped === 0) this.tape.push({ inputs, outputs, gradient: gradient(outputs) });
    return outputs;
  }
}
