import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import ort from "onnxruntime-node";
import { expect, test } from "vitest";
import wabt from "wabt";
import { seededRandom } from "../data/random.ts";
import { Graph } from "../graph/graph.ts";
import { elementCount } from "../graph/value.ts";
import type { OptimizerSettings } from "../model/adamw.ts";
import { addAdamW, nextName, stateNames, stepScalarValues } from "../model/adamw.ts";
import { gradientName } from "../model/graphs.ts";
import type { Parameter } from "../model/graphs.ts";
import { openSession } from "../runtime/session.ts";
import { blockNumbers } from "./shares.ts";
import { TrainedMemory } from "./trained-memory.ts";

const settings: OptimizerSettings = {
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clipNorm: 0.5,
};

const parameters: Parameter[] = [
  { name: "one", shape: [1], decays: false },
  { name: "odd", shape: [7, 3], decays: true },
  { name: "even", shape: [64, 32], decays: true },
  { name: "vector", shape: [130], decays: false },
];

function valuesIn({ tensors }: TrainedMemory, name: string): Float32Array {
  const found = tensors.find(([tensor]) => tensor === name);
  if (found === undefined) throw new Error(`no tensor ${name}`);
  return found[2];
}

/** Sixteenths of small whole numbers: the sum of their squares is exact in 32 bits, so that its rounding plays no part. */
function fillGradients(memory: TrainedMemory, all: readonly Parameter[], seed: number): void {
  const random = seededRandom(seed, "gradients");
  for (const { name } of all) {
    const values = valuesIn(memory, gradientName(name));
    for (let index = 0; index < values.length; index++) values[index] = Math.round(random.normal() * 3) / 16;
  }
}

function fillParameters(memory: TrainedMemory, all: readonly Parameter[]): void {
  const random = seededRandom(1, "parameters");
  for (const { name } of all) {
    const values = valuesIn(memory, name);
    for (let index = 0; index < values.length; index++) values[index] = random.normal();
  }
}

/** The step of the graph that the trainer runs on a device, from the same state. */
async function graphStep(memory: TrainedMemory, chosen: OptimizerSettings, step: number) {
  const graph = new Graph();
  const inputs = parameters.map(({ name, shape, decays }) => ({
    name,
    decays,
    parameter: graph.input(name, shape),
    gradient: graph.input(gradientName(name), shape),
  }));
  addAdamW(graph, inputs, chosen);
  const session = await openSession(graph, { provider: "cpu", threads: 1 });
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, shape, values] of memory.tensors)
    feeds[name] = new ort.Tensor("float32", values.slice(), shape);
  for (const [name, value] of Object.entries(stepScalarValues(chosen, 1e-2, step)))
    feeds[name] = new ort.Tensor("float32", Float32Array.of(value), []);
  const results = await session.run(feeds);
  await session.release();
  return (name: string) => results[name]?.data as Float32Array;
}

const bitsOf = (values: Float32Array) => new Uint32Array(values.slice().buffer);

test("the module is what its text compiles to", async () => {
  const toolkit = await wabt();
  const text = readFileSync(new URL("optimizer.wat", import.meta.url), "utf8");
  const features = { threads: true, multi_memory: true };
  const compiled = toolkit.parseWat("optimizer.wat", text, features).toBinary({});
  expect(readFileSync(new URL("optimizer.wasm", import.meta.url))).toEqual(Buffer.from(compiled.buffer));
});

test.each([
  ["clipped", settings],
  ["far below the clip", { ...settings, clipNorm: 1e6 }],
  ["not clipped, without decay", { ...settings, clipNorm: null, weightDecay: 0 }],
] as const)("a step gives the bits of the graph: %s", async (_, chosen) => {
  await using memory = new TrainedMemory(parameters, chosen, 1);
  fillParameters(memory, parameters);
  for (let step = 1; step <= 4; step++) {
    fillGradients(memory, parameters, step);
    const expected = await graphStep(memory, chosen, step);
    const norm = await memory.step(stepScalarValues(chosen, 1e-2, step));
    expect(norm).toBe(expected("gradientNorm")[0]);
    for (const name of parameters.flatMap((parameter) => stateNames(parameter.name)))
      expect(bitsOf(valuesIn(memory, name)), `${name} after step ${step}`).toEqual(
        bitsOf(expected(nextName(name))),
      );
  }
});

test("the results are the same on any number of threads", async () => {
  const large: Parameter[] = [
    { name: "first", shape: [192 * blockNumbers + 5], decays: true },
    { name: "last", shape: [3, 333], decays: false },
  ];
  const random = seededRandom(9, "any");
  const some = Float32Array.from({ length: blockNumbers + 7 }, () => random.normal());
  const gradients = large.map(({ shape }) =>
    new Float32Array(elementCount(shape)).map((_, index) => some[index % some.length] ?? 0),
  );
  const states: string[] = [];
  for (const threads of [1, 2, 3]) {
    await using memory = new TrainedMemory(large, settings, threads);
    for (const [index, { name }] of large.entries())
      valuesIn(memory, gradientName(name)).set(gradients[index] ?? []);
    await memory.step(stepScalarValues(settings, 1e-2, 1));
    const hash = createHash("sha256");
    for (const [, , values] of memory.tensors) hash.update(bitsOf(values));
    states.push(hash.digest("hex"));
    expect(valuesIn(memory, "first").every((value) => value !== 0)).toBe(true);
  }
  expect(new Set(states).size).toBe(1);
});

test("the norm is that of all gradients, also where their squares are beyond 32 bits", async () => {
  await using memory = new TrainedMemory(parameters, settings, 1);
  valuesIn(memory, gradientName("one"))[0] = 3e30;
  valuesIn(memory, gradientName("vector"))[129] = -4e30;
  expect(await memory.step(stepScalarValues(settings, 1e-2, 1))).toBe(Math.fround(5e30));
  expect(valuesIn(memory, "m:vector")[129]).toBeCloseTo(-0.4, 6);
});

test.each([Number.NaN, Infinity, -Infinity, 3e38])(
  "a norm that is not finite changes nothing: %s",
  async (bad) => {
    await using memory = new TrainedMemory(parameters, settings, 1);
    fillParameters(memory, parameters);
    fillGradients(memory, parameters, 1);
    await memory.step(stepScalarValues(settings, 1e-2, 1));
    const before = memory.tensors.map(([, , values]) => bitsOf(values));
    const gradients = valuesIn(memory, gradientName("even"));
    gradients.fill(bad, 0, 2);
    expect(await memory.step(stepScalarValues(settings, 1e-2, 2))).not.toSatisfy(Number.isFinite);
    fillGradients(memory, parameters, 1);
    expect(memory.tensors.map(([, , values]) => bitsOf(values))).toEqual(before);
  },
);

test("gradients are cleared", async () => {
  await using memory = new TrainedMemory(parameters, settings, 1);
  fillGradients(memory, parameters, 1);
  memory.clearGradients();
  expect(await memory.step(stepScalarValues(settings, 1e-2, 1))).toBe(0);
});
