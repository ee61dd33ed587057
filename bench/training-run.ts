/**
 * One measured training run of the embedded trainer in a process of its own: a JSON object on
 * stdin, the same keys as tests/peers/torch_llama.py takes; one JSON line on stdout.
 */
import { text } from "node:stream/consumers";
import { z } from "zod";
import { createProgram, linearNames } from "../packages/hub/src/training/trainers/onnx/program.ts";
import type { Batch, Weights } from "../packages/hub/src/training/trainers/onnx/program.ts";
import { randomNumbers } from "./random-numbers.ts";

const spec = z
  .object({
    shape: z.object({
      vocabulary: z.number(),
      dim: z.number(),
      layers: z.number(),
      heads: z.number(),
      kvHeads: z.number(),
      headDim: z.number(),
      ffn: z.number(),
      normEps: z.number(),
      ropeTheta: z.number(),
      context: z.number(),
      tied: z.boolean(),
    }),
    tensors: z.array(z.tuple([z.string(), z.array(z.number())])),
    batchSize: z.number(),
    sequenceLength: z.number(),
    steps: z.number(),
    threads: z.number(),
    seed: z.number(),
    rank: z.number(),
  })
  .parse(JSON.parse(await text(process.stdin)));

const random = randomNumbers(spec.seed);
const shapes = new Map(spec.tensors);
const weights: Weights = {
  shape: spec.shape,
  read: async (name) => {
    const extents = shapes.get(name) ?? [];
    const count = extents.reduce((product, extent) => product * extent, 1);
    const size = extents.length === 1 ? 0 : (extents[1] ?? 1) ** -0.5;
    return Float32Array.from({ length: count }, () => (size === 0 ? 1 : (random() * 2 - 1) * size));
  },
};

function randomBatch(): Batch {
  const { vocabulary } = spec.shape;
  const length = spec.batchSize * spec.sequenceLength;
  const tokens = Int32Array.from({ length }, () => Math.floor(random() * vocabulary));
  return { tokens, targets: tokens.map((token) => (token * 3 + 1) % vocabulary) };
}

await using program = await createProgram({
  weights,
  batchSize: spec.batchSize,
  sequenceLength: spec.sequenceLength,
  train:
    spec.rank === 0
      ? { kind: "full" }
      : { kind: "lora", rank: spec.rank, alpha: spec.rank * 2, targets: linearNames, seed: spec.seed },
  optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
  accumulate: 1,
  provider: "cpu",
  threads: spec.threads,
});
const seconds: number[] = [];
const losses: number[] = [];
for (let step = 1; step <= spec.steps; step++) {
  const batch = randomBatch();
  const start = performance.now();
  const { loss } = await program.step([batch], { learningRate: 1e-3, step });
  seconds.push((performance.now() - start) / 1e3);
  losses.push(loss);
}
const version = process.version;
console.log(JSON.stringify({ version, seconds, losses, peakBytes: process.resourceUsage().maxRSS * 1024 }));
