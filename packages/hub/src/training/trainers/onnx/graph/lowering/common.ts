import type { OperationKind } from "../graph.ts";
import type { Value } from "../value.ts";
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
  select: plain("Where"),
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
  dequantise: (writer, { inputs, outputs, attributes }) =>
    writer.node("DequantizeLinear", names(writer, inputs), names(writer, outputs), {
      attributes: { axis: 1, block_size: attributes.blockSize },
    }),
} satisfies Partial<Lowering>;
