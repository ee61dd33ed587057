import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TrainingParameters, TrainingSample } from "@hearth/wire/hub/training";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HearthError } from "../../../errors.ts";
import type { TrainerEvent, TrainingSpecification } from "../trainer.ts";
import { TrainingInterrupted } from "../interruption.ts";
import { runTraining } from "./run-training.ts";
import {
  chatRows,
  metricOf,
  specificationOf,
  temporaryFolder,
  writeRows,
  writeTinyBase,
} from "./testing/tiny-base.ts";

let shared: Awaited<ReturnType<typeof temporaryFolder>>;
let files: { base: string; train: string; validation: string };

beforeAll(async () => {
  shared = await temporaryFolder();
  files = {
    base: await writeTinyBase(join(shared.path, "base.gguf"), "F16"),
    train: await writeRows(join(shared.path, "train.jsonl"), chatRows(32, 2)),
    validation: await writeRows(join(shared.path, "validation.jsonl"), chatRows(6, 3)),
  };
});
afterAll(() => shared[Symbol.asyncDispose]());

/** 60 steps that learn the task. */
const parameters = {
  recipe: "lora",
  epochs: 15,
  batch_size: 8,
  lora_rank: 4,
  learning_rate: 0.02,
  checkpoint_every: 5,
  seed: 11,
} satisfies Partial<TrainingParameters>;

function specified(more: Partial<TrainingParameters> = {}): TrainingSpecification {
  return specificationOf({ ...parameters, ...more }, files);
}

/** Runs to the end, or to the first event that `stop` names: then the reason is thrown away and null given. */
async function run(
  specification: TrainingSpecification,
  folder: string,
  stop: { at: (event: TrainerEvent) => boolean; reason: Error } | null = null,
  // However busy the machine is.
  sampleAllowance: (trained: number) => number = () => Infinity,
) {
  const events: TrainerEvent[] = [];
  const controller = new AbortController();
  const attempt = { folder, threads: 1, memoryLimitBytes: 2 ** 32 };
  const onEvent = (event: TrainerEvent) => {
    events.push(event);
    if (stop?.at(event)) controller.abort(stop.reason);
  };
  const options = { onEvent, signal: controller.signal, sampleAllowance };
  const result = await runTraining(specification, attempt, options).catch((error: unknown) => {
    if (error !== stop?.reason) throw error;
    return null;
  });
  const samples = events.flatMap((event) => (event.type === "sample" ? [event.sample] : []));
  return { events, samples, result };
}

async function bytesOf(folder: string): Promise<string> {
  const bytes = await readFile(join(folder, "adapter.gguf"));
  return createHash("sha256").update(bytes).digest("hex");
}

const place = ({ step, index }: TrainingSample) => `${step}.${index}`;

test("answers come with each validation and get better; the bytes are those of a run without them", async () => {
  await using asked = await temporaryFolder();
  await using left = await temporaryFolder();
  const sampled = await run(specified(), asked.path);
  const plain = await run(specified({ sample_steps: 0 }), left.path);
  expect(plain.samples).toEqual([]);
  expect(await bytesOf(asked.path)).toBe(await bytesOf(left.path));
  expect(metricOf(sampled.events, "loss")).toEqual(metricOf(plain.events, "loss"));
  expect(sampled.result?.probes).toEqual(plain.result?.probes);

  const steps = [0, 12, 24, 36, 48, 60];
  expect(sampled.samples.map(place)).toEqual(steps.flatMap((step) => [0, 1, 2].map((at) => `${step}.${at}`)));
  const right = (step: number) =>
    sampled.samples.filter((one) => one.step === step && one.answer === one.expected).length;
  expect(right(0)).toBe(0);
  expect(right(60)).toBe(3);
  expect(sampled.samples.at(-1)).toMatchObject({
    prompt: expect.stringMatching(/^system: Name the place\.\nuser: The \w+ \w+ sleeps\.$/),
    complete: true,
  });
  expect(sampled.samples.every(({ seconds }) => seconds > 0)).toBe(true);
  expect(sampled.events).toContainEqual({
    type: "log",
    line: expect.stringMatching(/^Samples: 18 answers in [\d.]+ s, [\d.]+ s each\.$/),
  });
});

test("prompts of the job's own, at its own steps, without a validation split", async () => {
  await using folder = await temporaryFolder();
  const { validation: _none, ...two } = files;
  const specification = specificationOf(
    { ...parameters, epochs: 5, sample_steps: 8, sample_prompts: ["The red dog sleeps.", "x".repeat(900)] },
    two,
  );
  const { samples } = await run(specification, folder.path);
  expect(samples.map(place)).toEqual([0, 8, 16, 20].flatMap((step) => [`${step}.0`, `${step}.1`]));
  expect(samples[0]).toMatchObject({ prompt: "The red dog sleeps.", expected: null });
  await using other = await temporaryFolder();
  const { sample_prompts: _prompts, ...unasked } = specification.parameters;
  expect((await run({ ...specification, parameters: unasked }, other.path)).samples).toEqual([]);
});

test.each([
  ["prompts", { prompt: "Say: hen", completion: " forest" }, "Say: hen", " forest"],
  ["texts", { text: "The red dog sleeps. ".repeat(9) }, /^The red dog sleeps/, /sleeps/],
])("rows that are %s", async (_kind, row, prompt, expected) => {
  await using folder = await temporaryFolder();
  const rows = await writeRows(
    join(folder.path, "rows.jsonl"),
    Array.from({ length: 8 }, () => row),
  );
  const specification = specificationOf(
    { ...parameters, epochs: 3 },
    { ...files, train: rows, validation: rows },
  );
  const { samples } = await run(specification, folder.path);
  expect(samples[0]).toMatchObject({
    prompt: typeof prompt === "string" ? prompt : expect.stringMatching(prompt),
    expected: typeof expected === "string" ? expected : expect.stringMatching(expected),
  });
  // All rows are the same one, so there is one prompt.
  expect(new Set(samples.map(({ index }) => index))).toEqual(new Set([0]));
});

test("a model from nothing is asked, too", async () => {
  await using folder = await temporaryFolder();
  const specification = specificationOf(
    {
      recipe: "pretrain",
      epochs: 2,
      batch_size: 4,
      sequence_length: 32,
      pretrain: { vocabulary: 300, dim: 32, layers: 1, heads: 2, kv_heads: 1, ffn: 48 },
      sample_steps: 5,
    },
    { base: null, train: files.train, validation: files.validation },
  );
  // What so few steps teach would not stand the check of the export; that is not looked at here.
  const { samples } = await run(specification, folder.path, {
    at: (event) => event.type === "sample" && event.sample.step > 0,
    reason: new HearthError("cancelled", "enough was seen"),
  });
  expect(samples.map(place)).toEqual(["0.0", "0.1", "0.2", "5.0"]);
});

test("interrupted in the middle of a round, the rest of it comes later and nothing twice", async () => {
  await using whole = await temporaryFolder();
  await using parts = await temporaryFolder();
  const specification = specified({ epochs: 5, sample_steps: 4 });
  const expected = await run(specification, whole.path);
  const first = await run(specification, parts.path, {
    at: (event) => event.type === "sample" && event.sample.step === 8 && event.sample.index === 1,
    reason: new TrainingInterrupted(),
  });
  expect(first.samples.at(-1)).toMatchObject({ step: 8, index: 1 });
  const rest = await run(specification, parts.path);
  // What the checkpoint remembers is told again, as it was; the hub has it by its place.
  const repeated = rest.samples.slice(0, first.samples.length);
  expect(repeated).toEqual(first.samples);
  const texts = (samples: readonly TrainingSample[]) => samples.map(({ seconds: _time, ...text }) => text);
  expect(texts(rest.samples)).toEqual(texts(expected.samples));
  expect(await bytesOf(parts.path)).toBe(await bytesOf(whole.path));
});

test("cancelled in the middle of a round, nothing more is asked", async () => {
  await using folder = await temporaryFolder();
  const { samples, events } = await run(specified({ checkpoint_every: 1000 }), folder.path, {
    at: (event) => event.type === "sample" && event.sample.step === 12,
    reason: new HearthError("cancelled", "no longer wanted"),
  });
  expect(samples.at(-1)).toMatchObject({ step: 12, index: 0 });
  expect(events.at(-1)?.type).toBe("sample");
  expect(await readdir(folder.path)).toEqual([]);
});

test("no more time is taken than is allowed", async () => {
  await using folder = await temporaryFolder();
  const asked: number[] = [];
  const { samples, events } = await run(
    specified({ epochs: 5, sample_steps: 5 }),
    folder.path,
    null,
    (trained) => {
      asked.push(trained);
      return 0;
    },
  );
  expect(samples).toEqual([]);
  expect(events.some((event) => event.type === "log" && event.line.startsWith("Samples:"))).toBe(false);
  // By what the steps took so far.
  expect(asked).toHaveLength(5);
  expect(asked.toSorted((one, other) => one - other)).toEqual(asked);
  expect(asked[0]).toBe(0);
});
