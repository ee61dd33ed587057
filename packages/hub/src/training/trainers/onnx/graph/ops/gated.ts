import type { Graph } from "../graph.ts";
import type { Value } from "../value.ts";
import { add, multiply, scale, sigmoid, silu, subtract, tanh } from "./elementwise.ts";

/**
 * Gated activation of Llama's feed-forward: gate · sigmoid(gate) · up.
 *
 * @param options.lean makes gate · sigmoid(gate) once more in the backward pass rather than keep it: a quarter less to
 *   keep, a pass more, the same bits
 */
export function swiglu(graph: Graph, gate: Value, up: Value, options: { lean: boolean }): Value {
  const [y] = graph.withGradient(
    [gate, up],
    () => {
      const gated = silu(graph, gate);
      return [multiply(graph, gated, up), gated] as const;
    },
    ([h, kept]) =>
      ([dy], { wanted }) => {
        if (dy === undefined) return [];
        const s = sigmoid(graph, gate);
        const gated = options.lean ? multiply(graph, gate, s) : kept;
        // d/dgate [gate·s·up] = s·up + gate·s·(1−s)·up = h + s·(up − h)
        const slope = () => add(graph, h, multiply(graph, s, subtract(graph, up, h)));
        return [
          wanted(gate) ? multiply(graph, dy, slope()) : undefined,
          wanted(up) ? multiply(graph, dy, gated) : undefined,
        ];
      },
  );
  return y;
}

/** √(2/π) and its product with 0.044715: tanh's argument is x·(linear + cubic·x²). */
const linear = Math.sqrt(2 / Math.PI);
const cubic = 0.044715 * linear;

/**
 * Gated activation of Gemma's feed-forward: gelu(gate) · up, with GELU in its tanh form
 * (Hendrycks and Gimpel, 2016, section 2): x·h for h = (1 + tanh(x·(√(2/π) + 0.0357·x²))) / 2.
 */
export function geglu(graph: Graph, gate: Value, up: Value): Value {
  const polynomial = (square: Value, constant: number, factor: number) =>
    add(graph, scale(graph, square, factor), graph.scalar(constant));
  const [y] = graph.withGradient(
    [gate, up],
    () => {
      const square = multiply(graph, gate, gate);
      const t = tanh(graph, multiply(graph, gate, polynomial(square, linear, cubic)));
      const h = scale(graph, add(graph, t, graph.scalar(1)), 0.5);
      const gelu = multiply(graph, gate, h);
      return [multiply(graph, gelu, up), h, gelu] as const;
    },
    ([, h, gelu]) =>
      ([dy], { wanted }) => {
        if (dy === undefined) return [];
        // t = 2h − 1, so (1 − t²)/2 = 2h·(1 − h); d(x·h)/dx = h + 2·x·h·(1 − h)·(linear + 3·cubic·x²)
        const dGate = () => {
          const inner = polynomial(multiply(graph, gate, gate), 2 * linear, 6 * cubic);
          const rest = multiply(graph, gelu, subtract(graph, graph.scalar(1), h));
          const slope = add(graph, h, multiply(graph, rest, inner));
          // written after the slope, which depends on no gradient and otherwise is made, and kept, in the forward pass
          const ofGelu = multiply(graph, dy, up);
          return multiply(graph, slope, ofGelu);
        };
        return [wanted(gate) ? dGate() : undefined, wanted(up) ? multiply(graph, dy, gelu) : undefined];
      },
  );
  return y;
}
