import ort from "onnxruntime-node";
import type { Provider } from "../runtime/session.ts";
import { openSession } from "../runtime/session.ts";
import { differentiate } from "./differentiate.ts";
import { Graph } from "./graph.ts";
import type { OperationCase } from "./operation-cases.ts";
import { multiply } from "./ops/elementwise.ts";
import { reduceSum } from "./ops/shape.ts";
import type { Value } from "./value.ts";
import { elementCount } from "./value.ts";

/** Deterministic inputs of a case. */
export function caseInputs({ inputs, range: [low, high] = [-1, 1] }: OperationCase): Float32Array[] {
  let state = 12345;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (high - low) * (state / 2 ** 32);
  };
  return inputs.map((shape) => Float32Array.from({ length: elementCount(shape) }, next));
}

/** Weights of the scalar that a case's result is reduced to: its derivative picks out every element. */
export function projection(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.cos(1 + i * 0.7));
}

function buildCase(tested: OperationCase) {
  const graph = new Graph();
  const inputs = tested.inputs.map((shape, i) => graph.input(`x${i}`, shape));
  const result = tested.build(graph, inputs);
  graph.output("result", result);
  return { graph, inputs, result };
}

function feedsOf(graph: Graph, inputs: readonly Float32Array[]) {
  return Object.fromEntries(
    [...graph.inputs].map(([name, value], i) => [
      name,
      new ort.Tensor("float32", inputs[i] ?? new Float32Array(), value.shape),
    ]),
  );
}

async function runGraph(graph: Graph, provider: Provider, runs: readonly (readonly Float32Array[])[]) {
  const session = await openSession(graph, { provider, threads: 1 });
  try {
    const results = [];
    for (const inputs of runs) {
      const outputs = await session.run(feedsOf(graph, inputs));
      results.push(
        new Map(
          Object.entries(outputs).map(([name, tensor]) => [
            name,
            Float32Array.from(tensor.data as Float32Array),
          ]),
        ),
      );
    }
    return results;
  } finally {
    await session.release();
  }
}

/** Forward results of a case for several inputs. */
export async function forwardResults(
  tested: OperationCase,
  provider: Provider,
  runs: readonly (readonly Float32Array[])[],
) {
  const results = await runGraph(buildCase(tested).graph, provider, runs);
  return results.map((outputs) => outputs.get("result") ?? new Float32Array());
}

/** Forward result and the gradient of its projection for every input, by the graph. */
export async function gradientResults(tested: OperationCase, provider: Provider) {
  const { graph, inputs, result } = buildCase(tested);
  const weights = graph.constant(result.shape, projection(elementCount(result.shape)));
  const axes = result.shape.map((_, axis) => axis);
  const loss: Value =
    axes.length === 0
      ? multiply(graph, result, graph.scalar(projection(1)[0] ?? 0))
      : reduceSum(graph, multiply(graph, result, weights), axes, false);
  const gradients = differentiate(graph, loss, inputs);
  inputs.forEach((input, i) => {
    const gradient = gradients.get(input);
    if (gradient !== undefined) graph.output(`gradient${i}`, gradient);
  });
  const [outputs] = await runGraph(graph, provider, [caseInputs(tested)]);
  return {
    kinds: new Set(graph.operations.map(({ kind }) => kind)),
    result: outputs?.get("result") ?? new Float32Array(),
    gradients: inputs.map((_, i) => outputs?.get(`gradient${i}`) ?? new Float32Array()),
  };
}
