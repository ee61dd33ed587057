import { join } from "node:path";
import { getLlama } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DecoderShape, DecoderTraits } from "../../../../model-files/gguf/decoder-shape.ts";
import { traitsOf } from "../../../../model-files/gguf/decoder-shape.ts";
import { readDecoderShape } from "../../../../model-files/gguf/decoder-model.ts";
import type { GgufHeader } from "../../../../model-files/gguf/format.ts";
import { readGgufHeader } from "../../../../model-files/gguf/read.ts";
import { readPeftAdapter } from "../../../../model-files/peft-adapter.ts";
import { readLoraGguf } from "../../../../model-files/gguf/lora-adapter.ts";
import { alterModel } from "../../../../model-files/testing/altered-model.ts";
import type { Alteration } from "../../../../model-files/testing/altered-model.ts";
import { deepFamilies, tinyFamilies } from "../../../../model-files/testing/tiny-families.ts";
import { ggufWeights } from "../loop/gguf-weights.ts";
import type { TrainingKind, TrainingProgram } from "../program.ts";
import { createProgram, linearNames } from "../program.ts";
import { tinyBatch, tinySpec } from "../runtime/tiny-model.ts";
import { engineLogProbabilities, greatestDifference, logProbabilities } from "../testing/engine-logits.ts";
import { temporaryFolder, tinyShape, writeTinyBase } from "../testing/tiny-base.ts";
import { exportAdapter } from "./adapter.ts";
import { exportTunedModel } from "./weights.ts";

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1, progressLogs: false });
});
afterAll(() => llama.dispose());

const sequenceLength = 80;
/** From one token to many times the sliding window. */
const prompts = [1, 5, 20, 70].map((length) =>
  Int32Array.from({ length }, (_, i) => (i * i * 7 + i * 13 + length) % 300),
);
const lora: TrainingKind = { kind: "lora", rank: 4, alpha: 16, targets: linearNames, seed: 3 };

/** The engine looks GELU up in a table of 16-bit floats, once a layer; all else it computes as the trainer does. */
const toleranceOf = (shape: DecoderShape) =>
  traitsOf(shape).activation === "gelu" ? Math.max(1e-2, 5e-4 * shape.layers) : 5e-5;

function open(header: GgufHeader, shape: DecoderShape, train: TrainingKind, threads = 1) {
  const weights = ggufWeights(header, shape, { keep: false });
  return createProgram(tinySpec({ weights, sequenceLength, train, threads }));
}

async function told(program: TrainingProgram): Promise<Float64Array[]> {
  const list: Float64Array[] = [];
  for (const prompt of prompts) list.push(logProbabilities(await program.logits(prompt)));
  return list;
}

async function takeSteps(program: TrainingProgram, learningRate: number): Promise<number[]> {
  const losses: number[] = [];
  for (let step = 1; step <= 3; step++) {
    const result = await program.step([tinyBatch(1, 2, sequenceLength, 300)], { learningRate, step });
    losses.push(result.loss, result.gradientNorm);
  }
  return losses;
}

async function writeBase(folder: string, wanted: DecoderShape) {
  const path = await writeTinyBase(join(folder, "base.gguf"), "F32", undefined, wanted);
  const header = await readGgufHeader(path);
  return { path, header, shape: await readDecoderShape(header) };
}

describe.each(tinyFamilies)("$name", ({ shape: wanted }) => {
  const tolerance = toleranceOf(wanted);
  const base = (folder: string) => writeBase(folder, wanted);

  test("the forward pass is the engine's, and every trait counts", { timeout: 300_000 }, async () => {
    await using folder = await temporaryFolder();
    const { path, header, shape } = await base(folder.path);
    const engine = await engineLogProbabilities(llama, { model: path, adapter: null }, prompts);
    await using program = await open(header, shape, lora);
    expect(greatestDifference(await told(program), engine)).toBeLessThan(tolerance);
    for (const trait of Object.keys(shape.traits ?? {}) as (keyof DecoderTraits)[]) {
      if (trait === "architecture") continue;
      const { [trait]: _, ...others } = shape.traits ?? {};
      await using plainer = await open(header, { ...shape, traits: others }, lora);
      expect(greatestDifference(await told(plainer), engine), trait).toBeGreaterThan(2 * tolerance);
    }
  });

  test("so it is with an adapter that was trained", { timeout: 300_000 }, async () => {
    await using folder = await temporaryFolder();
    const { path, header, shape } = await base(folder.path);
    await using program = await open(header, shape, lora);
    const before = await told(program);
    const [first, , , , last] = await takeSteps(program, 2e-2);
    expect(last).toBeLessThan((first ?? 0) - 0.05);
    const { engineFile } = await exportAdapter(program, {
      folder: folder.path,
      shape,
      rank: 4,
      alpha: 16,
      baseName: "tiny",
    });
    const after = await told(program);
    expect(greatestDifference(after, before)).toBeGreaterThan(10 * tolerance);
    const adapter = join(folder.path, engineFile);
    const engine = await engineLogProbabilities(llama, { model: path, adapter }, prompts);
    expect(greatestDifference(after, engine)).toBeLessThan(tolerance);

    const written = await readLoraGguf(adapter);
    expect(written.architecture).toBe(traitsOf(wanted).architecture);
    const { heads, kvHeads } = shape;
    const peft = await readPeftAdapter(folder.path, { heads, kvHeads, rotation: traitsOf(shape).rotation });
    const byName = <T extends { name: string }>(list: readonly T[]) =>
      list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(byName(peft.tensors)).toEqual(byName(written.tensors));
  });

  test("and when all weights were trained, on any number of threads", { timeout: 300_000 }, async () => {
    await using folder = await temporaryFolder();
    const { header, shape } = await base(folder.path);
    await using program = await open(header, shape, { kind: "full" });
    const before = await program.saveState();
    const losses = await takeSteps(program, 2e-3);
    expect(losses[4]).toBeLessThan((losses[0] ?? 0) - 0.05);
    const state = await program.saveState();
    for (const { name } of program.trainable) expect(state.get(name), name).not.toEqual(before.get(name));
    await using other = await open(header, shape, { kind: "full" }, 2);
    expect(await takeSteps(other, 2e-3)).toEqual(losses);
    expect(await other.saveState()).toEqual(state);

    const tuned = { folder: folder.path, name: "tuned", base: header, shape, type: "F32" as const };
    const { engineFile } = await exportTunedModel(program, tuned);
    const model = join(folder.path, engineFile);
    expect(await readDecoderShape(await readGgufHeader(model))).toEqual(shape);
    const engine = await engineLogProbabilities(llama, { model, adapter: null }, prompts);
    expect(greatestDifference(await told(program), engine)).toBeLessThan(tolerance);
  });
});

test.each(deepFamilies)(
  "$name: the scale of its attention is another",
  { timeout: 300_000 },
  async ({ shape: wanted }) => {
    await using folder = await temporaryFolder();
    const { path, header, shape } = await writeBase(folder.path, wanted);
    const engine = await engineLogProbabilities(llama, { model: path, adapter: null }, prompts);
    await using program = await open(header, shape, lora);
    expect(greatestDifference(await told(program), engine)).toBeLessThan(toleranceOf(wanted));
    const usual = { ...shape, traits: { ...shape.traits, attentionScale: null } };
    await using other = await open(header, usual, lora);
    expect(greatestDifference(await told(other), engine)).toBeGreaterThan(2 * toleranceOf(wanted));
  },
);

test("mistral3 whose queries grow with far positions: the near ones, which are its context", async () => {
  await using folder = await temporaryFolder();
  const { path } = await writeBase(folder.path, { ...tinyShape, traits: { architecture: "mistral3" } });
  const tempered = join(folder.path, "tempered.gguf");
  const metadata = {
    "mistral3.attention.temperature_scale": ["f32", 0.5],
    "mistral3.rope.scaling.original_context_length": ["u32", 40],
  } satisfies Alteration["metadata"];
  await alterModel(path, tempered, { metadata });
  const header = await readGgufHeader(tempered);
  const shape = await readDecoderShape(header);
  expect(shape.context).toBe(40);
  const files = { model: tempered, adapter: null };
  const near = prompts.filter(({ length }) => length <= shape.context);
  await using program = await open(header, { ...shape, context: sequenceLength }, lora);
  const list = await told(program);
  const engine = await engineLogProbabilities(llama, files, prompts);
  expect(near.length).toBe(prompts.length - 1);
  expect(greatestDifference(list.slice(0, near.length), engine.slice(0, near.length))).toBeLessThan(5e-5);
  // Beyond them the engine computes something that is not trained here.
  expect(greatestDifference(list, engine)).toBeGreaterThan(1e-3);
});
