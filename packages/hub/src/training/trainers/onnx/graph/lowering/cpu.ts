import { extentOf } from "../value.ts";
import { common, decomposedAttention, nameAt, names, valueAt } from "./common.ts";
import type { Lowering } from "./lowering.ts";

/** Rules for ONNX Runtime's CPU provider: its fused kernels, all deterministic on any number of threads. */
export const cpuLowering: Lowering = {
  ...common,
  matmul: (writer, { inputs, outputs, attributes: { transposeA, transposeB, alpha } }) => {
    if (!transposeA && !transposeB && alpha === 1) {
      writer.node("MatMul", names(writer, inputs), names(writer, outputs));
      return;
    }
    // a tenth faster than FusedMatMul where it can be used
    if (transposeB && !transposeA && inputs.every(({ shape }) => shape.length === 2)) {
      writer.node("Gemm", names(writer, inputs), names(writer, outputs), {
        attributes: { transB: 1, alpha: { float: alpha } },
      });
      return;
    }
    writer.node("FusedMatMul", names(writer, inputs), names(writer, outputs), {
      domain: "com.microsoft",
      attributes: { transA: Number(transposeA), transB: Number(transposeB), alpha: { float: alpha } },
    });
  },
  silu: (writer, { inputs, outputs }) =>
    writer.node("QuickGelu", names(writer, inputs), names(writer, outputs), {
      domain: "com.microsoft",
      attributes: { alpha: { float: 1 } },
    }),
  sumOfSquares: (writer, { inputs, outputs }) =>
    writer.node("ReduceSumSquare", names(writer, inputs), names(writer, outputs), {
      attributes: { keepdims: 0 },
    }),
  // the second output of this kernel is 1 / rms
  rmsNorm: (writer, { inputs, outputs, attributes }) =>
    writer.node("SimplifiedLayerNormalization", names(writer, inputs), names(writer, outputs), {
      attributes: { axis: -1, epsilon: { float: attributes.epsilon }, stash_type: 1 },
    }),
  // Computes the softmax of each row up to the diagonal only; it wants the lengths of the sequences
  // minus one, the longest length, and no cache (the two inputs left out).
  attention: (writer, operation) => {
    const {
      inputs,
      outputs,
      attributes: { heads, kvHeads, scale, cap, window },
    } = operation;
    const q = valueAt(inputs, 0);
    const headDim = extentOf(q, 2) / heads;
    if (headDim % 8 !== 0) {
      decomposedAttention(writer, operation);
      return;
    }
    const [batch, positions] = [extentOf(q, 0), extentOf(q, 1)];
    const lengths = writer.shortIntegers(
      [batch],
      Array.from({ length: batch }, () => positions - 1),
    );
    const longest = writer.shortIntegers([], [positions]);
    const [out, p, keys, values] = outputs;
    if (out === undefined || p === undefined || keys === undefined || values === undefined) {
      throw new RangeError("attention gives four values");
    }
    const probabilities = writer.optionalNames([p]);
    // tables and positions of its own rotation, which is not used, come before what is added to the scores
    const bias = inputs.length > 3 ? ["", "", "", nameAt(writer, inputs, 3)] : [];
    writer.node(
      "GroupQueryAttention",
      [...names(writer, inputs.slice(0, 3)), "", "", lengths, longest, ...bias],
      [...names(writer, [out, keys, values]), ...probabilities],
      {
        domain: "com.microsoft",
        attributes: {
          num_heads: heads,
          kv_num_heads: kvHeads,
          scale: { float: scale },
          ...(cap === null ? {} : { softcap: { float: cap } }),
          ...(window === null ? {} : { local_window_size: window }),
          qk_output: probabilities[0] === "" ? 0 : 2,
        },
      },
    );
  },
  // ScatterND with an addition is not deterministic on two threads; ScatterElements is
  scatterAddRows: (writer, { inputs, outputs }) => {
    const updates = valueAt(inputs, 2);
    const [column, spread] = [writer.temporary(), writer.temporary()];
    writer.node("Reshape", [nameAt(writer, inputs, 1), writer.integers([extentOf(updates, 0), 1])], [column]);
    writer.node("Expand", [column, writer.integers(updates.shape)], [spread]);
    writer.node(
      "ScatterElements",
      [nameAt(writer, inputs, 0), spread, writer.name(updates)],
      names(writer, outputs),
      {
        attributes: { axis: 0, reduction: "add" },
      },
    );
  },
  pick: (writer, { inputs, outputs }) =>
    writer.node("GatherElements", names(writer, inputs), names(writer, outputs), { attributes: { axis: 1 } }),
  subtractOneHot: (writer, { inputs, outputs }) => {
    const [x, targets] = names(writer, inputs) as [string, string];
    const [picked, lowered] = [writer.temporary(), writer.temporary()];
    writer.node("GatherElements", [x, targets], [picked], { attributes: { axis: 1 } });
    writer.node("Sub", [picked, writer.scalar(1)], [lowered]);
    writer.node("ScatterElements", [x, targets, lowered], names(writer, outputs), {
      attributes: { axis: 1 },
    });
  },
};
