import type { OperationKind } from "../graph.ts";
import type { Value } from "../value.ts";
import { extentOf } from "../value.ts";
import type { Emit, Lowering } from "./lowering.ts";
import type { OnnxWriter } from "./onnx-writer.ts";

/** A kind whose inputs and outputs are those of one ONNX operator without attributes. */
export function plain(operator: string): Emit<OperationKind> {
  return (writer, { inputs, outputs }) =>
    writer.node(operator, names(writer, inputs), names(writer, outputs));
}

/** ONNX names of values. */
export function names(writer: OnnxWriter, values: readonly Value[]): string[] {
  return values.map((value) => writer.name(value));
}

/** Name of the value at an index; the operation's builder put it there. */
export function nameAt(writer: OnnxWriter, values: readonly Value[], index: number): string {
  return writer.name(valueAt(values, index));
}

/** The value at an index of an operation's inputs or outputs. */
export function valueAt(values: readonly Value[], index: number): Value {
  const value = values[index];
  if (value === undefined) throw new RangeError(`the operation has no value ${index}`);
  return value;
}

/** Attention by plain operators, for providers and shapes that no fused kernel serves. */
export const decomposedAttention: Emit<"attention"> = (writer, { inputs, outputs, attributes }) => {
  const { heads, kvHeads, scale, cap, window } = attributes;
  const [q, k, v] = [valueAt(inputs, 0), valueAt(inputs, 1), valueAt(inputs, 2)];
  const [out, p, keys, values] = names(writer, outputs) as [string, string, string, string];
  const [batch, positions] = [extentOf(q, 0), extentOf(q, 1)];
  const headDim = extentOf(q, 2) / heads;
  const groups = heads / kvHeads;
  const step = (operator: string, given: string[], attributes = {}, result = writer.temporary()) => {
    writer.node(operator, given, [result], { attributes });
    return result;
  };
  const reshaped = (x: string, shape: number[], result = writer.temporary()) =>
    step("Reshape", [x, writer.integers(shape)], {}, result);
  const byHead = (x: Value, count: number, result = writer.temporary()) =>
    step(
      "Transpose",
      [reshaped(writer.name(x), [batch, positions, count, headDim])],
      { perm: [0, 2, 1, 3] },
      result,
    );
  byHead(k, kvHeads, keys);
  byHead(v, kvHeads, values);
  const queries = reshaped(byHead(q, heads), [batch, kvHeads, groups * positions, headDim]);
  const products = step("MatMul", [queries, step("Transpose", [keys], { perm: [0, 1, 3, 2] })]);
  const times = (x: string, factor: number) => step("Mul", [x, writer.scalar(factor)]);
  const bounded =
    cap === null ? times(products, scale) : times(step("Tanh", [times(products, scale / cap)]), cap);
  const scores = reshaped(bounded, [batch, heads, positions, positions]);
  const causal =
    inputs.length > 3 && window === null
      ? scores
      : step("Add", [scores, writer.causalMask(positions, window)]);
  const masked = inputs.length > 3 ? step("Add", [causal, nameAt(writer, inputs, 3)]) : causal;
  step("Softmax", [masked], { axis: -1 }, p);
  const mixed = step("MatMul", [reshaped(p, [batch, kvHeads, groups * positions, positions]), values]);
  const perHead = reshaped(mixed, [batch, heads, positions, headDim]);
  reshaped(step("Transpose", [perHead], { perm: [0, 2, 1, 3] }), [batch, positions, heads * headDim], out);
};

/** Kinds that both execution providers take in the same form. */
export const common = {
  add: plain("Add"),
  subtract: plain("Sub"),
  multiply: plain("Mul"),
  divide: plain("Div"),
  minimum: plain("Min"),
  maximum: plain("Max"),
  squareRoot: plain("Sqrt"),
  logarithm: plain("Log"),
  identity: plain("Identity"),
  sigmoid: plain("Sigmoid"),
  silu: (writer, { inputs, outputs }) => {
    const factor = writer.temporary();
    writer.node("Sigmoid", names(writer, inputs), [factor]);
    writer.node("Mul", [...names(writer, inputs), factor], names(writer, outputs));
  },
  tanh: plain("Tanh"),
  select: plain("Where"),
  rope: (writer, { inputs, outputs, attributes }) =>
    writer.node(
      "RotaryEmbedding",
      [
        nameAt(writer, inputs, 0),
        inputs.length > 3 ? nameAt(writer, inputs, 3) : writer.integers([0]),
        nameAt(writer, inputs, 1),
        nameAt(writer, inputs, 2),
      ],
      names(writer, outputs),
      {
        domain: "com.microsoft",
        attributes: { interleaved: Number(attributes.interleaved), num_heads: attributes.heads },
      },
    ),
  scale: (writer, { inputs, outputs, attributes }) =>
    writer.node("Mul", [nameAt(writer, inputs, 0), writer.scalar(attributes.factor)], names(writer, outputs)),
  // NaN and ±∞ both fail this comparison: |x| ≤ greatest f32
  isFinite: (writer, { inputs, outputs }) => {
    const magnitude = writer.temporary();
    writer.node("Abs", names(writer, inputs), [magnitude]);
    writer.node("LessOrEqual", [magnitude, writer.scalar(3.4028234663852886e38)], names(writer, outputs));
  },
  reshape: (writer, { inputs, outputs }) =>
    writer.node(
      "Reshape",
      [nameAt(writer, inputs, 0), writer.integers(valueAt(outputs, 0).shape)],
      names(writer, outputs),
    ),
  addProduct: (writer, { inputs, outputs, attributes }) =>
    writer.node("Gemm", names(writer, inputs), names(writer, outputs), {
      attributes: { alpha: { float: attributes.alpha } },
    }),
  transpose: (writer, { inputs, outputs, attributes }) =>
    writer.node("Transpose", names(writer, inputs), names(writer, outputs), {
      attributes: { perm: attributes.permutation },
    }),
  split: (writer, { inputs, outputs, attributes }) =>
    writer.node(
      "Split",
      [nameAt(writer, inputs, 0), writer.integers(attributes.sizes)],
      names(writer, outputs),
      {
        attributes: { axis: attributes.axis },
      },
    ),
  concatenate: (writer, { inputs, outputs, attributes }) =>
    writer.node("Concat", names(writer, inputs), names(writer, outputs), {
      attributes: { axis: attributes.axis },
    }),
  reduceSum: (writer, { inputs, outputs, attributes }) =>
    writer.node(
      "ReduceSum",
      [nameAt(writer, inputs, 0), writer.integers(attributes.axes)],
      names(writer, outputs),
      {
        attributes: { keepdims: attributes.keepAxes ? 1 : 0 },
      },
    ),
  softmax: (writer, { inputs, outputs }) =>
    writer.node("Softmax", names(writer, inputs), names(writer, outputs), { attributes: { axis: -1 } }),
  gatherRows: (writer, { inputs, outputs }) =>
    writer.node("Gather", names(writer, inputs), names(writer, outputs), { attributes: { axis: 0 } }),
  exponential: plain("Exp"),
  logSumExp: (writer, { inputs, outputs }) =>
    writer.node(
      "ReduceLogSumExp",
      [nameAt(writer, inputs, 0), writer.integers([1])],
      names(writer, outputs),
      {
        attributes: { keepdims: 1 },
      },
    ),
  toFloat: (writer, { inputs, outputs }) =>
    writer.node("Cast", names(writer, inputs), names(writer, outputs), { attributes: { to: 1 } }),
  sliceRows: (writer, { inputs, outputs, attributes: { from, to } }) =>
    writer.node(
      "Slice",
      [nameAt(writer, inputs, 0), writer.integers([from]), writer.integers([to]), writer.integers([0])],
      names(writer, outputs),
    ),
  unpackNibbles: (writer, { inputs, outputs }) => {
    const packed = nameAt(writer, inputs, 0);
    const [low, high] = [writer.temporary(), writer.temporary()];
    writer.node("BitwiseAnd", [packed, writer.byte(15)], [low]);
    writer.node("BitShift", [packed, writer.byte(4)], [high], { attributes: { direction: "RIGHT" } });
    writer.node("Concat", [low, high], names(writer, outputs), { attributes: { axis: 1 } });
  },
} satisfies Partial<Lowering>;
