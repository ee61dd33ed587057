/**
 * One step of the embedded trainer in a process of its own: a JSON object on stdin, what it was
 * estimated to take and took on stdout.
 */
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { BlockType } from "../packages/hub/src/model-files/gguf/blocks.ts";
import { blockTypes, emptyBlocks } from "../packages/hub/src/model-files/gguf/blocks.ts";
import type { GgmlTypeName } from "../packages/hub/src/model-files/gguf/format.ts";
import { elementCount } from "../packages/hub/src/model-files/gguf/format.ts";
import { decoderTensors } from "../packages/hub/src/model-files/gguf/decoder-model.ts";
import { storedType } from "../packages/hub/src/model-files/gguf/decoder-model.ts";
import {
  createProgram,
  estimateMemory,
  linearNames,
} from "../packages/hub/src/training/trainers/onnx/program.ts";
import type { ProgramSpec } from "../packages/hub/src/training/trainers/onnx/program.ts";
import { randomNumbers } from "./random-numbers.ts";

const given = z
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
    /** Absent: all weights are trained. */
    type: z.enum(["F32", "F16", "Q8_0", "Q4_K_M"]).optional(),
    batchSize: z.number(),
    lengths: z.array(z.number()),
    recompute: z.boolean(),
    /** Of each length. */
    steps: z.number(),
  })
  .parse(JSON.parse(await text(process.stdin)));

const { shape, type, batchSize, lengths, recompute } = given;
const random = randomNumbers(1);
const shapes = decoderTensors(shape);
const typeOf = (name: string, extents: readonly number[]): GgmlTypeName =>
  extents.length === 1 || type === undefined ? "F32" : storedType(type, name, extents[1] ?? 0, shape);

function blocksOf(block: BlockType, rows: number, columns: number) {
  const matrix = emptyBlocks(block, [rows, columns]);
  const { values, scales, minimums } = matrix;
  new Uint8Array(values.buffer).forEach((_, i, bytes) => (bytes[i] = (i * 37) & 255));
  for (const factors of [scales, minimums]) {
    factors?.own.fill(factors.shared === undefined ? 0x1000 : 7);
    factors?.shared?.fill(0x0800);
  }
  return matrix;
}

const sequenceLength = Math.max(...lengths);
const spec: ProgramSpec = {
  weights: {
    shape,
    read: async (name) => {
      const extents = shapes.get(name) ?? [];
      const size = (extents[1] ?? 1) ** -0.5;
      const values = new Float32Array(elementCount(extents)).fill(1);
      if (extents.length > 1) values.forEach((_, i) => (values[i] = (random() * 2 - 1) * size));
      return values;
    },
    readKept: async (name) => {
      const extents = shapes.get(name) ?? [];
      const [rows = 0, columns = 0] = extents;
      const stored = typeOf(name, extents);
      if (stored === "F16") return new Uint16Array(rows * columns).fill(0x2000);
      const block = blockTypes.find((known) => known === stored);
      return block === undefined ? undefined : blocksOf(block, rows, columns);
    },
  },
  batchSize,
  sequenceLength,
  train:
    type === undefined
      ? { kind: "full" }
      : { kind: "lora", rank: 8, alpha: 16, targets: linearNames, seed: 1 },
  optimizer: { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.01, clipNorm: 1 },
  accumulate: 1,
  recompute,
  provider: "cpu",
  threads: 2,
};
const stored = new Map<GgmlTypeName, number>();
for (const [name, extents] of shapes) {
  const own = typeOf(name, extents);
  stored.set(own, (stored.get(own) ?? 0) + elementCount(extents));
}
const headName = shape.tied ? "token_embd.weight" : "output.weight";
const base = { weights: stored, head: typeOf(headName, shapes.get(headName) ?? []) };
const parts = estimateMemory({ ...spec, lengths: lengths.length }, type === undefined ? undefined : base);
const seconds: number[] = [];
{
  await using program = await createProgram(spec);
  for (const [index, length] of Array.from({ length: given.steps }, () => lengths)
    .flat()
    .entries()) {
    const tokens = Int32Array.from({ length: batchSize * length }, () =>
      Math.floor(random() * shape.vocabulary),
    );
    const start = performance.now();
    const { loss } = await program.step([{ tokens, targets: tokens }], {
      learningRate: 1e-3,
      step: index + 1,
    });
    seconds.push((performance.now() - start) / 1e3);
    if (!Number.isFinite(loss)) throw new Error(`the loss is ${loss}`);
  }
}
console.log(JSON.stringify({ parts, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 }));
