import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Graph } from "./graph/graph.ts";
import { gradientGraph, stepGraph } from "./model/graphs.ts";
import { planModel } from "./model/plan.ts";
import type { ProgramSpec } from "./program.ts";
import { createProgram, linearNames } from "./program.ts";
import { familyShapes, tinyBatch, tinyShape, tinySpec, tinyWeights } from "./runtime/tiny-model.ts";

const everyLinear = { kind: "lora", rank: 4, alpha: 8, targets: linearNames, seed: 7 } as const;
const deep = tinyWeights({ ...tinyShape, layers: 4 });
const specs: [string, Partial<ProgramSpec>][] = [
  ["all weights", {}],
  ["an adapter", { train: everyLinear }],
  ["an adapter on one layer", { train: { ...everyLinear, targets: ["attn_v"] } }],
  ["summed gradients", { accumulate: 2 }],
  ["few scored positions", { train: everyLinear, scoredPositions: 30 }],
  ...familyShapes.flatMap(([name, traits]): [string, Partial<ProgramSpec>][] => {
    const weights = tinyWeights({ ...tinyShape, layers: 4, traits });
    return [
      [`all weights, ${name}`, { weights }],
      [`an adapter, ${name}`, { weights, train: everyLinear }],
    ];
  }),
];

async function outcome(spec: ProgramSpec) {
  await using program = await createProgram(spec);
  const curve: number[] = [];
  for (let step = 1; step <= 3; step++) {
    const batches = Array.from({ length: spec.accumulate }, (_, i) => tinyBatch(step * spec.accumulate + i));
    const { loss, gradientNorm } = await program.step(batches, { learningRate: 1e-2, step });
    curve.push(loss, gradientNorm);
  }
  const state = createHash("sha256");
  for (const [name, values] of await program.saveState()) state.update(name).update(values);
  return { curve, state: state.digest("hex") };
}

test.each(specs)("computing the blocks again gives the same bits: %s", async (_, changes) => {
  const spec = tinySpec({ weights: deep, ...changes });
  expect(await outcome({ ...spec, recompute: true })).toEqual(await outcome(spec));
});

const batch = { batchSize: 2, sequenceLength: 15, scored: 30 };
const graphs: [string, (spec: ProgramSpec) => Graph][] = [
  ["a step", (spec) => stepGraph(planModel(spec), batch, spec.optimizer)],
  ["gradients", (spec) => gradientGraph(planModel(spec), batch, { sums: false })],
];

test.each(
  [...specs.slice(0, 2), ...specs.slice(5)].flatMap(([name, changes]) =>
    graphs.map(([graph, build]) => [name, graph, changes, build] as const),
  ),
)("nothing of a block is kept for the backward pass: %s, the graph of %s", (_, _graph, changes, build) => {
  const keptOf = (recompute: boolean): number => {
    const spec = tinySpec({ weights: deep, ...changes, recompute });
    const { operations, boundaries } = build(spec);
    const [from = 0, to = 0] = [boundaries[0]?.at, boundaries.at(-1)?.at];
    const entering = new Set(boundaries.map(({ value }) => value));
    const made = new Set(operations.slice(from, to).flatMap(({ outputs }) => outputs));
    const read = new Set(operations.slice(to).flatMap(({ inputs }) => inputs));
    // Whatever has a row for each token: what else is made in a block are parts of weights.
    return [...made].filter((value) => {
      const isActivation = value.shape[0] === 30 || value.shape.length > 2;
      return isActivation && read.has(value) && !entering.has(value);
    }).length;
  };
  expect(keptOf(false)).toBeGreaterThan(4 * 8);
  expect(keptOf(true)).toBe(0);
});
