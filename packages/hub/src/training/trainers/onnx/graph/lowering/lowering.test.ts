import onnxProto from "onnx-proto";
import { expect, test } from "vitest";
import { Graph } from "../graph.ts";
import { tanh } from "../ops/elementwise.ts";
import { gatherRows } from "../ops/embedding.ts";
import { matmul } from "../ops/matmul.ts";
import { cpuLowering } from "./cpu.ts";
import { lower } from "./lowering.ts";

test("what only gives outputs is written last, the first made at the very end", () => {
  const graph = new Graph();
  const weight = graph.input("weight", [2, 2]);
  let x = gatherRows(graph, weight, graph.input("tokens", [2], "i32"));
  for (const layer of [1, 2, 3]) {
    graph.output(`side${layer}`, matmul(graph, x, weight));
    x = tanh(graph, x);
  }
  graph.output("end", tanh(graph, x));
  const nodes = onnxProto.onnx.ModelProto.decode(lower(graph, cpuLowering)).graph?.node ?? [];
  expect(
    nodes.map(({ opType, output }) => output?.find((name) => graph.outputs.has(name)) ?? opType),
  ).toEqual(["Gather", "Tanh", "Tanh", "Tanh", "end", "side3", "side2", "side1"]);
});
