/**
 * One measured training run of the embedded trainer in a process of its own: a JSON object on
 * stdin, the same keys as tests/peers/torch_llama.py takes; one JSON line on stdout.
 */
import { text } from "node:stream/consumers";
import { z } from "zod";
import { readDecoderShape } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { readGgufHeader } from "../../packages/hub/src/model-files/gguf/read.ts";
import { ggufWeights } from "../../packages/hub/src/training/trainers/onnx/loop/gguf-weights.ts";
import { createProgram, linearNames } from "../../packages/hub/src/training/trainers/onnx/program.ts";
import type { Batch } from "../../packages/hub/src/training/trainers/onnx/program.ts";
import { randomNumbers } from "../random-numbers.ts";

const spec = z
  .object({
    /** Read as the trainer reads any base: one tensor at a time, quantised matrices as they are. */
    basePath: z.string(),
    batchSize: z.number(),
    sequenceLength: z.number(),
    steps: z.number(),
    threads: z.number(),
    seed: z.number(),
    rank: z.number(),
    provider: z.enum(["cpu", "webgpu"]).default("cpu"),
  })
  .parse(JSON.parse(await text(process.stdin)));

const startBytes = process.memoryUsage.rss();
const random = randomNumbers(spec.seed);
const header = await readGgufHeader(spec.basePath);
const weights = ggufWeights(header, await readDecoderShape(header), { keep: spec.rank > 0 });

function randomBatch(): Batch {
  const { vocabulary } = weights.shape;
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
  provider: spec.provider,
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
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ version, seconds, losses, peakBytes, startBytes }));
