import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import { decoderTensors } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { createProgram, linearNames } from "../../packages/hub/src/training/trainers/onnx/program.ts";
import type { ProgramSpec, TrainingKind } from "../../packages/hub/src/training/trainers/onnx/program.ts";
import {
  tinyBatch,
  tinyShape,
  tinySpec,
  tinyWeights,
} from "../../packages/hub/src/training/trainers/onnx/runtime/tiny-model.ts";
import { pythonWith } from "./python-peer.ts";

const run = promisify(execFile);
const python = await pythonWith("torch");
const script = join(import.meta.dirname, "torch_llama.py");
const outcome = z.object({ version: z.string(), steps: z.array(z.tuple([z.number(), z.number()])) });
const learningRate = 3e-3;
const steps = 5;

/** Trains in PyTorch from the program's own starting values. */
async function trainInTorch(
  spec: ProgramSpec,
  start: ReadonlyMap<string, Float32Array>,
  trainable: readonly string[],
) {
  const folder = await mkdtemp(join(tmpdir(), "hearth-torch-"));
  try {
    const tensors: [string, readonly number[]][] = [];
    const values: Float32Array[] = [];
    for (const [name, extents] of decoderTensors(spec.weights.shape)) {
      tensors.push([name, extents]);
      values.push(await spec.weights.read(name));
    }
    for (const [name, current] of start) {
      if (!name.includes("lora")) continue;
      const rank = spec.train.kind === "lora" ? spec.train.rank : 1;
      tensors.push([
        name,
        name.endsWith("a") ? [rank, current.length / rank] : [current.length / rank, rank],
      ]);
      values.push(current);
    }
    const { shape } = spec.weights;
    const batches = Array.from({ length: steps }, (_, i) => {
      const { tokens, targets } = tinyBatch(i, 2, 16, shape.vocabulary);
      return [[...tokens], [...targets]];
    });
    const { train, optimizer, batchSize } = spec;
    const described = { shape, tensors, trainable, train, optimizer, batchSize, batches, learningRate };
    await writeFile(join(folder, "spec.json"), JSON.stringify(described));
    await writeFile(
      join(folder, "weights.bin"),
      Buffer.concat(values.map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength))),
    );
    const { stdout } = await run(python ?? "", [script, "parity", folder]);
    const bytes = await readFile(join(folder, "trained.bin"));
    const trained = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
    );
    return { ...outcome.parse(JSON.parse(stdout)), trained };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const lora: TrainingKind = { kind: "lora", rank: 4, alpha: 8, targets: linearNames, seed: 3 };
const untied = tinyWeights({ ...tinyShape, tied: false, kvHeads: 4 });

test.skipIf(python === undefined).each<[string, Partial<ProgramSpec>]>([
  ["all weights, tied head, grouped queries", {}],
  [
    "all weights, own head, clipped",
    { weights: untied, optimizer: { ...tinySpec().optimizer, clipNorm: 0.1 } },
  ],
  ["adapters on every linear layer", { train: lora }],
  ["adapters on two, own head", { train: { ...lora, targets: ["attn_v", "ffn_gate"] }, weights: untied }],
])("five steps equal PyTorch's: %s", async (_, changes) => {
  const spec = tinySpec(changes);
  await using program = await createProgram(spec);
  const start = await program.saveState();
  const names = program.trainable.map(({ name }) => name);
  const peer = await trainInTorch(
    spec,
    new Map(names.map((name) => [name, start.get(name) ?? new Float32Array()])),
    names,
  );
  for (const [index, [loss, norm]] of peer.steps.entries()) {
    const batch = tinyBatch(index, 2, 16, spec.weights.shape.vocabulary);
    const found = await program.step([batch], { learningRate, step: index + 1 });
    expect(Math.abs(found.loss - loss), `loss ${index}`).toBeLessThan(2e-5);
    expect(Math.abs(found.gradientNorm - norm) / norm, `gradient norm ${index}`).toBeLessThan(2e-4);
  }
  let at = 0;
  for (const name of names) {
    const values = await program.read(name);
    const expected = peer.trained.subarray(at, (at += values.length));
    const worst = values.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - (expected[i] ?? NaN))),
      0,
    );
    // a step moves a parameter by about the learning rate
    expect(worst, name).toBeLessThan(0.02 * learningRate * steps);
  }
  expect(at).toBe(peer.trained.length);
});
