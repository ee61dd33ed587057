import type { Graph } from "./graph.ts";
import type { RopeScaling } from "../../../../model-files/gguf/decoder-shape.ts";
import type { AttentionOptions } from "./ops/attention.ts";
import { attention, softmax } from "./ops/attention.ts";
import { crossEntropy } from "./ops/cross-entropy.ts";
import { headCrossEntropy } from "./ops/head-cross-entropy.ts";
import * as elementwise from "./ops/elementwise.ts";
import { gatherRows } from "./ops/embedding.ts";
import { sliceRows, toFloat, unpackNibbles } from "./ops/decode.ts";
import { geglu, swiglu } from "./ops/gated.ts";
import { frozenLinear, linear, loraLinear } from "./ops/linear.ts";
import { addProduct, matmul } from "./ops/matmul.ts";
import { rmsNorm } from "./ops/norm.ts";
import { rope, rotaryTables } from "./ops/rope.ts";
import { slicedCrossEntropy } from "./ops/sliced-cross-entropy.ts";
import * as shapes from "./ops/shape.ts";
import type { Shape, Value } from "./value.ts";

/** One computation whose values and gradients are tested, on every provider. */
export interface OperationCase {
  readonly name: string;
  /** Shapes of the differentiated inputs. */
  readonly inputs: readonly Shape[];
  /** Range of the inputs' values; −1 to 1 when absent. */
  readonly range?: readonly [number, number];
  readonly build: (graph: Graph, inputs: readonly Value[]) => Value;
  /** The provider's kernel is missing and the program does not use it there. */
  readonly cpuOnly?: boolean;
}

/** Values that take part in no gradient: only forward results are compared. */
export interface ForwardCase extends Omit<OperationCase, "name"> {
  readonly name: string;
  /** The same in JavaScript, on the flat inputs. */
  readonly expected: (...inputs: Float32Array[]) => number[];
}

type Build = (graph: Graph, a: Value, b: Value, c: Value, d: Value) => Value;

function operation(
  name: string,
  inputs: readonly Shape[],
  build: Build,
  more: Partial<OperationCase> = {},
): OperationCase {
  return {
    name,
    inputs,
    build: (graph, values) => {
      const [a, b = a, c = a, d = a] = values;
      if (a === undefined || b === undefined || c === undefined || d === undefined)
        throw new RangeError("no inputs");
      return build(graph, a, b, c, d);
    },
    ...more,
  };
}

const positive = { range: [0.5, 2] } as const;
const indices = (graph: Graph, list: number[], shape: Shape = [list.length]) =>
  graph.constant(shape, Int32Array.from(list), "i32");

/** YaRN, divided frequencies and a magnitude, all at once. */
const stretched: RopeScaling = {
  positionScale: 0.25,
  factors: [1, 3],
  magnitude: 1.2,
  yarn: { originalContext: 16, betaFast: 2, betaSlow: 0.5, logMultiplier: null },
};

const attentionVariants: readonly (readonly [string, Partial<AttentionOptions>])[] = [
  ["capped", { cap: 1.5 }],
  ["of the last 1", { window: 1 }],
  ["of the last 2", { window: 2 }],
  ["of the last 2, capped and scaled", { window: 2, cap: 1.5, scale: 0.7 }],
  ["with a window as long as the sequence", { window: 5 }],
];

const matmulCases = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) =>
    [[], [2, 3]].map((lead) =>
      operation(
        `matmul a${transposeA ? "ᵀ" : ""} b${transposeB ? "ᵀ" : ""} of rank ${lead.length + 2}`,
        [
          [...lead, ...(transposeA ? [4, 3] : [3, 4])],
          [...lead, ...(transposeB ? [2, 4] : [4, 2])],
        ],
        (graph, a, b) =>
          matmul(graph, a, b, { transposeA, transposeB, alpha: transposeA === transposeB ? 1 : 0.7 }),
      ),
    ),
  ),
);

/** Every differentiable operation, in small shapes that show each branch of its gradient. */
export const differentiableCases: readonly OperationCase[] = [
  operation(
    "add",
    [
      [3, 4],
      [3, 4],
    ],
    elementwise.add,
  ),
  operation("add, broadcast row", [[3, 4], [4]], elementwise.add),
  operation(
    "add, broadcast column",
    [
      [3, 1],
      [3, 4],
    ],
    elementwise.add,
  ),
  operation("add a value to itself", [[3]], (graph, a) => elementwise.add(graph, a, a)),
  operation(
    "subtract, broadcast",
    [
      [3, 4],
      [3, 1],
    ],
    elementwise.subtract,
  ),
  operation("multiply, broadcast", [[2, 3, 4], [4]], elementwise.multiply),
  operation("multiply by a scalar", [[2, 3], []], elementwise.multiply),
  operation(
    "divide, broadcast",
    [
      [3, 4],
      [3, 1],
    ],
    elementwise.divide,
    positive,
  ),
  operation("scale", [[5]], (graph, a) => elementwise.scale(graph, a, -2.5)),
  operation("squareRoot", [[5]], elementwise.squareRoot, positive),
  operation("logarithm", [[5]], elementwise.logarithm, positive),
  operation("sigmoid", [[5]], elementwise.sigmoid, { range: [-3, 3] }),
  ...[false, true].map((lean) =>
    operation(
      lean ? "swiglu that keeps less" : "swiglu",
      [
        [3, 4],
        [3, 4],
      ],
      (graph, gate, up) => swiglu(graph, gate, up, { lean }),
      { range: [-3, 3] },
    ),
  ),
  operation(
    "geglu",
    [
      [3, 4],
      [3, 4],
    ],
    geglu,
    { range: [-3, 3] },
  ),
  operation("tanh", [[5]], elementwise.tanh, { range: [-2, 2] }),
  operation("softCap", [[5]], (graph, a) => elementwise.softCap(graph, a, 2), { range: [-3, 3] }),
  operation("add, a bias to rows of a product", [[4, 3], [2, 3], [2]], (graph, x, w, b) =>
    elementwise.add(graph, linear(graph, x, w), b),
  ),
  operation("reshape", [[2, 6]], (graph, a) => shapes.reshape(graph, a, [3, 4])),
  operation("transpose", [[2, 3, 4]], (graph, a) => shapes.transpose(graph, a, [2, 0, 1])),
  operation("split, every part used", [[5, 2]], (graph, a) => {
    const [first, second] = shapes.split(graph, a, 0, [2, 3]) as [Value, Value];
    return elementwise.multiply(graph, shapes.reduceSum(graph, first, [0], false), second);
  }),
  operation("split, one part unused", [[5, 2]], (graph, a) => shapes.split(graph, a, 0, [2, 3])[1] ?? a),
  operation(
    "concatenate",
    [
      [2, 3],
      [2, 1],
    ],
    (graph, a, b) => shapes.concatenate(graph, [a, b], 1),
  ),
  operation("reduceSum, axes kept", [[2, 3, 4]], (graph, a) => shapes.reduceSum(graph, a, [0, 2], true)),
  operation("reduceSum, axes gone", [[2, 3, 4]], (graph, a) => shapes.reduceSum(graph, a, [1], false)),
  ...matmulCases,
  operation("matmul, one matrix for a batch", [[2, 3, 4]], (graph, a) => {
    const shared = graph.constant(
      [4, 2],
      Float32Array.from({ length: 8 }, (_, i) => Math.sin(i)),
    );
    return matmul(graph, a, shared);
  }),
  operation("rmsNorm", [[3, 8], [8]], (graph, a, b) => rmsNorm(graph, a, b, 1e-3)),
  operation("rmsNorm over each head", [[3, 8], [4]], (graph, a, b) =>
    shapes.reshape(graph, rmsNorm(graph, shapes.reshape(graph, a, [6, 4]), b, 1e-3), [3, 8]),
  ),
  ...(["interleaved", "halves"] as const).flatMap((pairs) =>
    [null, stretched].map((scaling) =>
      operation(`rope, ${pairs}${scaling === null ? "" : ", stretched"}`, [[2, 3, 8]], (graph, a) =>
        rope(graph, a, rotaryTables(graph, 3, { headDim: 4, base: 100, scaling }), 2, pairs),
      ),
    ),
  ),
  operation("softmax", [[3, 5]], softmax),
  // heads of a multiple of 8 take another kernel on the CPU
  ...(
    [
      [4, 4, 2],
      [8, 4, 2],
      [8, 2, 2],
    ] as const
  ).map(([headDim, heads, kvHeads]) =>
    operation(
      `attention, ${heads} heads of ${headDim} on ${kvHeads}`,
      [
        [2, 3, heads * headDim],
        [2, 3, kvHeads * headDim],
        [2, 3, kvHeads * headDim],
      ],
      (graph, q, k, v) => attention(graph, q, k, v, { heads, kvHeads }),
    ),
  ),
  ...[4, 8].flatMap((headDim) =>
    attentionVariants.map(([name, options]) =>
      operation(
        `attention, heads of ${headDim}, ${name}`,
        [
          [2, 5, 4 * headDim],
          [2, 5, 2 * headDim],
          [2, 5, 2 * headDim],
        ],
        (graph, q, k, v) => attention(graph, q, k, v, { heads: 4, kvHeads: 2, ...options }),
        { range: [-2, 2] },
      ),
    ),
  ),
  operation("gatherRows, repeated rows", [[4, 3]], (graph, a) =>
    gatherRows(graph, a, indices(graph, [2, 0, 2, 2])),
  ),
  operation("gatherRows, table used twice", [[4, 3]], (graph, a) => {
    const rows = gatherRows(graph, a, indices(graph, [1, 3, 1]));
    return matmul(graph, rows, a, { transposeB: true });
  }),
  operation("crossEntropy, masked", [[4, 5]], (graph, a) =>
    crossEntropy(
      graph,
      a,
      indices(graph, [1, 0, 4, 4], [4, 1]),
      graph.constant([4, 1], Float32Array.of(0.5, 0, 1, 0.25)),
    ),
  ),
  operation("headCrossEntropy, frozen head", [[3, 4]], (graph, x) => {
    const head = graph.constant(
      [5, 4],
      Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)),
    );
    const weights = graph.constant([3, 1], Float32Array.of(0.5, 1, 0));
    return headCrossEntropy(graph, x, head, indices(graph, [1, 4, 0], [3, 1]), weights);
  }),
  operation(
    "headCrossEntropy",
    [
      [3, 4],
      [5, 4],
    ],
    (graph, x, head) => {
      const weights = graph.constant([3, 1], Float32Array.of(0.5, 1, 0));
      return headCrossEntropy(graph, x, head, indices(graph, [1, 4, 4], [3, 1]), weights);
    },
  ),
  operation(
    "linear",
    [
      [3, 4],
      [2, 4],
    ],
    linear,
  ),
  operation("frozenLinear", [[3, 4]], (graph, x) => {
    const weight = graph.constant(
      [2, 4],
      Float32Array.from({ length: 8 }, (_, i) => Math.cos(i)),
    );
    return frozenLinear(graph, x, () => weight);
  }),
  operation(
    "frozenLinear, weight of eight bits",
    [[3, 32]],
    (graph, x) => {
      const values = graph.constant(
        [2, 1, 32],
        Int8Array.from({ length: 64 }, (_, i) => ((i * 37) % 255) - 127),
        "i8",
      );
      const scales = graph.constant([2, 1, 1], Float32Array.of(0.01, 0.02));
      const weight = () => elementwise.multiply(graph, toFloat(graph, values), scales);
      return frozenLinear(graph, x, () => shapes.reshape(graph, weight(), [2, 32]));
    },
    { cpuOnly: true },
  ),
  operation(
    "frozenLinear, weight of four bits",
    [[3, 8]],
    (graph, x) => {
      const packed = graph.constant(
        [2, 4],
        Uint8Array.from({ length: 8 }, (_, i) => (i * 37) % 256),
        "u8",
      );
      const half = graph.scalar(0.125);
      const weight = () => elementwise.multiply(graph, toFloat(graph, unpackNibbles(graph, packed)), half);
      return frozenLinear(graph, x, weight);
    },
    { cpuOnly: true },
  ),
  ...[null, 1.5].map((cap) =>
    operation(`slicedCrossEntropy${cap === null ? "" : " of capped logits"}`, [[3, 4]], (graph, x) => {
      const head = graph.constant(
        [5, 4],
        Float32Array.from({ length: 20 }, (_, i) => Math.cos(i)),
      );
      const slices = [0, 2, 4].map((from) => () => sliceRows(graph, head, from, Math.min(5, from + 2)));
      const targets = graph.constant([3], Int32Array.of(1, 4, 0), "i32");
      const weights = graph.constant([3, 1], Float32Array.of(0.5, 1, 0));
      const rowsOf = (tokens: Value) => gatherRows(graph, head, tokens);
      return slicedCrossEntropy(graph, x, { slices, rowsOf }, targets, weights, cap);
    }),
  ),
  ...(
    [
      ["more rows than either side", 6],
      ["fewer rows than inputs", 4],
      ["fewer rows than either side", 2],
    ] as const
  ).map(([name, rows]) =>
    operation(
      `loraLinear, ${name}`,
      [
        [rows, 5],
        [2, 5],
        [3, 2],
      ],
      (graph, x, a, b) => {
        const weight = graph.constant(
          [3, 5],
          Float32Array.from({ length: 15 }, (_, i) => Math.cos(i)),
        );
        return loraLinear(graph, x, () => weight, { a, b, scale: 1.5 });
      },
    ),
  ),
];

const asNumbers = (graph: Graph, condition: Value) =>
  elementwise.select(graph, condition, graph.scalar(1), graph.scalar(0));

/** Operations that only the optimizer uses. */
export const forwardCases: readonly ForwardCase[] = [
  {
    ...operation("minimum", [[5], []], elementwise.minimum),
    expected: (a, [b = 0]) => Array.from(a, (x) => Math.min(x, b)),
  },
  {
    ...operation("maximum", [[5], [5]], elementwise.maximum),
    expected: (a, b) => Array.from(a, (x, i) => Math.max(x, b[i] ?? 0)),
  },
  {
    ...operation(
      "addProduct",
      [
        [2, 2],
        [2, 3],
        [2, 3],
      ],
      (graph, a, b, c) => addProduct(graph, a, b, c, 0.5),
    ),
    expected: (a, b, c) =>
      Array.from(c, (x, i) => {
        const [row, column] = [Math.floor(i / 3), i % 3];
        const product = [0, 1].reduce((sum, k) => sum + (a[row * 2 + k] ?? 0) * (b[k * 3 + column] ?? 0), 0);
        return x + 0.5 * product;
      }),
  },
  {
    ...operation("sumOfSquares", [[3, 4]], shapes.sumOfSquares),
    expected: (a) => [a.reduce((sum, x) => sum + x * x, 0)],
  },
  {
    ...operation("identity", [[3]], shapes.identity),
    expected: (a) => [...a],
  },
  {
    ...operation("isFinite and select", [[3]], (graph, a) =>
      asNumbers(graph, elementwise.isFinite(graph, a)),
    ),
    expected: () => [1, 1, 1],
  },
  {
    ...operation(
      "isFinite of an overflow",
      [[3]],
      (graph, a) => {
        const huge = elementwise.scale(graph, elementwise.multiply(graph, a, a), 3e38);
        return asNumbers(graph, elementwise.isFinite(graph, elementwise.scale(graph, huge, 100)));
      },
      positive,
    ),
    expected: () => [0, 0, 0],
  },
];
