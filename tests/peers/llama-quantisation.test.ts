import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { getLlama } from "node-llama-cpp";
import { expect, test } from "vitest";
import { readGgufHeader, readTensor } from "../../packages/hub/src/model-files/gguf/read.ts";
import { ggufWeights } from "../../packages/hub/src/training/trainers/onnx/loop/gguf-weights.ts";
import { readDecoderShape } from "../../packages/hub/src/model-files/gguf/decoder-model.ts";
import { createProgram, linearNames } from "../../packages/hub/src/training/trainers/onnx/program.ts";
import { exportAdapter } from "../../packages/hub/src/training/trainers/onnx/export/adapter.ts";
import { tinyBatch, tinySpec } from "../../packages/hub/src/training/trainers/onnx/runtime/tiny-model.ts";
import {
  engineLogProbabilities,
  greatestDifference,
  logProbabilities,
} from "../../packages/hub/src/training/trainers/onnx/testing/engine-logits.ts";
import {
  temporaryFolder,
  tinyShape,
  writeTinyBase,
} from "../../packages/hub/src/training/trainers/onnx/testing/tiny-base.ts";
import { pythonWith } from "./python-peer.ts";

const run = promisify(execFile);
const python = await pythonWith("ctypes");
const script = join(import.meta.dirname, "llama_quantize.py");
const binaries = { linux: `linux-${process.arch}`, darwin: `mac-${process.arch}-metal` };
const libraries = binaries[process.platform as keyof typeof binaries];
const folderOfLibraries = join(
  import.meta.dirname,
  "../../node_modules/@node-llama-cpp",
  libraries,
  "bins",
  libraries,
);

/** Numbers of `enum llama_ftype`. */
const fileTypes = { F32: 0, Q4_0: 2, Q4_1: 3, Q8_0: 7, Q5_0: 8, Q5_1: 9, Q4_K_M: 15, Q5_K_M: 17, Q6_K: 18 };

async function quantise(from: string, to: string, type: keyof typeof fileTypes): Promise<string> {
  await run(python ?? "", [script, folderOfLibraries, from, to, String(fileTypes[type])]);
  return to;
}

/** Of as many layers that a mix takes more bits for some. */
const wholeBlocks = { ...tinyShape, dim: 256, headDim: 64, ffn: 512, layers: 8 };
/** Rows that super-blocks do not fill: the quantiser falls back to other types for some. */
const partBlocks = { ...wholeBlocks, dim: 320, headDim: 80, ffn: 480, layers: 2 };

test.skipIf(python === undefined).each([
  ["Q4_K_M", wholeBlocks, ["Q4_K", "Q6_K"]],
  ["Q4_K_M", partBlocks, ["Q5_0", "Q8_0"]],
  ["Q5_K_M", wholeBlocks, ["Q5_K", "Q6_K"]],
  ["Q6_K", wholeBlocks, ["Q6_K"]],
  ["Q8_0", partBlocks, ["Q8_0"]],
  ["Q4_0", partBlocks, ["Q4_0"]],
  ["Q4_1", partBlocks, ["Q4_1"]],
  ["Q5_0", partBlocks, ["Q5_0"]],
  ["Q5_1", partBlocks, ["Q5_1"]],
] as const)(
  "a %s file of llama.cpp is read as llama.cpp reads it, number for number (%#)",
  async (type, shape, expected) => {
    await using folder = await temporaryFolder();
    const base = await writeTinyBase(join(folder.path, "base.gguf"), "F32", undefined, shape);
    const quantised = await quantise(base, join(folder.path, "quantised.gguf"), type);
    const decoded = await quantise(quantised, join(folder.path, "decoded.gguf"), "F32");
    const [header, oracle] = [await readGgufHeader(quantised), await readGgufHeader(decoded)];
    const types = new Set([...header.tensors.values()].map((tensor) => tensor.type as string));
    expect([...types]).toEqual(expect.arrayContaining([...expected]));
    for (const name of header.tensors.keys())
      expect(Buffer.from((await readTensor(header, name)).buffer), name).toEqual(
        Buffer.from((await readTensor(oracle, name)).buffer),
      );
  },
);

test.skipIf(python === undefined).each([wholeBlocks, partBlocks])(
  "an adapter trained on it, kept as it is, changes the engine's answers as the trainer says",
  async (wanted) => {
    await using folder = await temporaryFolder();
    const base = await writeTinyBase(join(folder.path, "base.gguf"), "F32", undefined, wanted);
    const quantised = await quantise(base, join(folder.path, "quantised.gguf"), "Q4_K_M");
    // The engine rounds activations beside quantised weights; beside what they decode to it does not.
    const model = await quantise(quantised, join(folder.path, "decoded.gguf"), "F32");
    const header = await readGgufHeader(quantised);
    const shape = await readDecoderShape(header);
    const sequenceLength = 40;
    await using program = await createProgram(
      tinySpec({
        weights: ggufWeights(header, shape, { keep: true }),
        sequenceLength,
        train: { kind: "lora", rank: 4, alpha: 16, targets: linearNames, seed: 3 },
      }),
    );
    const losses: number[] = [];
    for (let step = 1; step <= 3; step++) {
      const batch = tinyBatch(1, 2, sequenceLength, 300);
      losses.push((await program.step([batch], { learningRate: 5e-3, step })).loss);
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) - 0.05);
    const how = { folder: folder.path, shape, rank: 4, alpha: 16, baseName: "tiny" };
    const adapter = join(folder.path, (await exportAdapter(program, how)).engineFile);
    const prompts = [1, 5, 30].map((length) =>
      Int32Array.from({ length }, (_, i) => (i * 29 + length) % 300),
    );
    const told: Float64Array[] = [];
    for (const prompt of prompts) told.push(logProbabilities(await program.logits(prompt)));
    const llama = await getLlama({ build: "never", gpu: false, maxThreads: 1 });
    try {
      const tuned = await engineLogProbabilities(llama, { model, adapter }, prompts);
      expect(greatestDifference(told, tuned)).toBeLessThan(5e-5);
      const plain = await engineLogProbabilities(llama, { model, adapter: null }, prompts);
      expect(greatestDifference(told, plain)).toBeGreaterThan(1e-2);
    } finally {
      await llama.dispose();
    }
  },
);
