import { join } from "node:path";
import ort from "onnxruntime-node";
import { Graph } from "../../packages/hub/src/training/trainers/onnx/graph/graph.ts";
import { matmul } from "../../packages/hub/src/training/trainers/onnx/graph/ops/matmul.ts";
import { providerSelfTest } from "../../packages/hub/src/training/trainers/onnx/program.ts";
import { openSession } from "../../packages/hub/src/training/trainers/onnx/runtime/session.ts";
import { elementCount } from "../../packages/hub/src/model-files/gguf/format.ts";
import { decoderTensors } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { median } from "../report.ts";
import type { BenchRow } from "../report.ts";
import { caseName, shapes, trainingCases } from "./cases.ts";
import { contenders, measure, ours, writeBase } from "./contenders.ts";

/** Rows and columns of the probe's matrices: enough that a large GPU is busy. */
const probeSize = 4096;

/** Speed on WebGPU and its share of what the same runtime's matrix product reaches there; a note where there is none. */
export async function gpuRows(folder: string, notes: Set<string>): Promise<BenchRow[]> {
  const tried = await providerSelfTest("webgpu");
  if (!tried.ok) {
    // The runtime puts the place in its source in front of what it has to say.
    notes.add(`no GPU is measured: ${tried.reason?.trim().split(" was false. ").at(-1)?.slice(0, 160)}`);
    return [];
  }
  const one = trainingCases.find(({ part, base }) => part === "lora-0.1b" && base === "F32");
  const [own] = contenders().contenders;
  if (one === undefined || own === undefined) throw new Error("the case for the GPU is gone");
  const basePath = join(folder, "gpu.gguf");
  await writeBase(basePath, one);
  const onGpu = { ...own, more: { provider: "webgpu" } };
  const result = await measure(onGpu, { ...one, steps: 20, warmUp: 5 }, basePath, { seed: 0, threads: 2 });
  if (result === undefined) {
    notes.add(`${ours} on WebGPU took more than ${one.minutes} minutes`);
    return [];
  }
  const speed = (one.batchSize * one.sequenceLength) / median(result.seconds.slice(5));
  // Forward and the gradient to the input of every product, 2 operations a weight each; frozen
  // weights get no gradient, and the embedding is looked up but also the head.
  const weights = [...decoderTensors(shapes[one.shape]).values()].reduce(
    (sum, extents) => sum + (extents.length === 2 ? elementCount(extents) : 0),
    0,
  );
  const peak = await matmulPeak();
  const name = `${caseName(one)} on WebGPU`;
  return [
    { name, unit: "tokens/s", values: { [ours]: speed }, samples: { [ours]: [speed] } },
    {
      name: `${name}, of the ${(peak / 1e12).toFixed(2)} TFLOP/s of a product of ${probeSize}²`,
      unit: "%",
      values: { [ours]: (100 * speed * 4 * weights) / peak },
      samples: { [ours]: [(100 * speed * 4 * weights) / peak] },
    },
  ];
}

/** Operations a second of one large product, inputs and output staying on the device. */
async function matmulPeak(): Promise<number> {
  const graph = new Graph();
  const shape = [probeSize, probeSize];
  graph.output("y", matmul(graph, graph.input("a", shape), graph.input("b", shape)));
  const session = await openSession(graph, { provider: "webgpu", threads: 2, deviceOutputs: ["y"] });
  try {
    const matrix = (): ort.Tensor =>
      new ort.Tensor("float32", new Float32Array(probeSize ** 2).fill(0.5), shape);
    const feeds = { a: matrix(), b: matrix() };
    const seconds: number[] = [];
    for (let round = 0; round < 12; round++) {
      const start = performance.now();
      const { y } = await session.run(feeds);
      seconds.push((performance.now() - start) / 1e3);
      y?.dispose();
    }
    return (2 * probeSize ** 3) / Math.min(...seconds);
  } finally {
    await session.release();
  }
}
