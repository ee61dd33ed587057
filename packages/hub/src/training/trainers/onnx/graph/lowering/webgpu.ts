import { extentOf } from "../value.ts";
import type { Value } from "../value.ts";
import { common, decomposedAttention, nameAt, names, valueAt } from "./common.ts";
import type { Lowering } from "./lowering.ts";
import type { OnnxWriter } from "./onnx-writer.ts";

/**
 * Rules for ONNX Runtime's WebGPU provider. Only operators that it computes itself and rightly:
 * FusedMatMul would run on the CPU, and the second output of SimplifiedLayerNormalization is wrong
 * there.
 */
export const webgpuLowering: Lowering = {
  ...common,
  matmul: (writer, { inputs, outputs, attributes: { transposeA, transposeB, alpha } }) => {
    const a = transposeA ? swapLastAxes(writer, valueAt(inputs, 0)) : nameAt(writer, inputs, 0);
    const b = transposeB ? swapLastAxes(writer, valueAt(inputs, 1)) : nameAt(writer, inputs, 1);
    const [y] = names(writer, outputs) as [string];
    if (alpha === 1) {
      writer.node("MatMul", [a, b], [y]);
      return;
    }
    const product = writer.temporary();
    writer.node("MatMul", [a, b], [product]);
    writer.node("Mul", [product, writer.scalar(alpha)], [y]);
  },
  sumOfSquares: (writer, { inputs, outputs }) => {
    const x = valueAt(inputs, 0);
    const square = writer.temporary();
    writer.node("Mul", [writer.name(x), writer.name(x)], [square]);
    writer.node(
      "ReduceSum",
      [square, writer.integers(x.shape.map((_, axis) => axis))],
      names(writer, outputs),
      {
        attributes: { keepdims: 0 },
      },
    );
  },
  rmsNorm: (writer, { inputs, outputs, attributes }) => {
    const [x, weight] = names(writer, inputs) as [string, string];
    const [y, inverse] = names(writer, outputs) as [string, string];
    const [square, mean, shifted, root, normal] = Array.from({ length: 5 }, () => writer.temporary()) as [
      string,
      string,
      string,
      string,
      string,
    ];
    writer.node("Mul", [x, x], [square]);
    writer.node("ReduceMean", [square, writer.integers([1])], [mean], { attributes: { keepdims: 1 } });
    writer.node("Add", [mean, writer.scalar(attributes.epsilon)], [shifted]);
    writer.node("Sqrt", [shifted], [root]);
    writer.node("Reciprocal", [root], [inverse]);
    writer.node("Mul", [x, inverse], [normal]);
    writer.node("Mul", [normal, weight], [y]);
  },
  attention: decomposedAttention,
  scatterAddRows: (writer, { inputs, outputs }) => {
    const [table, indices, updates] = [valueAt(inputs, 0), valueAt(inputs, 1), valueAt(inputs, 2)];
    const hot = oneHot(writer, indices, extentOf(table, 0));
    const [hotColumns, sums] = [writer.temporary(), writer.temporary()];
    writer.node("Transpose", [hot], [hotColumns], { attributes: { perm: [1, 0] } });
    writer.node("MatMul", [hotColumns, writer.name(updates)], [sums]);
    writer.node("Add", [writer.name(table), sums], names(writer, outputs));
  },
  pick: (writer, { inputs, outputs }) => {
    const [x, targets] = [valueAt(inputs, 0), valueAt(inputs, 1)];
    const masked = writer.temporary();
    writer.node("Mul", [writer.name(x), oneHot(writer, targets, extentOf(x, 1))], [masked]);
    writer.node("ReduceSum", [masked, writer.integers([1])], names(writer, outputs), {
      attributes: { keepdims: 1 },
    });
  },
  subtractOneHot: (writer, { inputs, outputs }) => {
    const [x, targets] = [valueAt(inputs, 0), valueAt(inputs, 1)];
    writer.node("Sub", [writer.name(x), oneHot(writer, targets, extentOf(x, 1))], names(writer, outputs));
  },
};

function swapLastAxes(writer: OnnxWriter, value: Value): string {
  const perm = value.shape.map((_, axis) => axis);
  const rank = perm.length;
  perm.splice(rank - 2, 2, rank - 1, rank - 2);
  const swapped = writer.temporary();
  writer.node("Transpose", [writer.name(value)], [swapped], { attributes: { perm } });
  return swapped;
}

/** `[count, classes]` with a one in each row, for i32 indices of `[count]` or `[count, 1]`. */
function oneHot(writer: OnnxWriter, indices: Value, classes: number): string {
  const [column, equal, hot] = [writer.temporary(), writer.temporary(), writer.temporary()];
  writer.node("Reshape", [writer.name(indices), writer.integers([extentOf(indices, 0), 1])], [column]);
  writer.node("Equal", [column, writer.range(classes)], [equal]);
  writer.node("Cast", [equal], [hot], { attributes: { to: 1 } });
  return hot;
}
