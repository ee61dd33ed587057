import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TrainerEvent, TrainingSpecification } from "../trainer.ts";
import { TrainingInterrupted } from "../interruption.ts";
import { createProgram } from "./program.ts";
import type { ProgramSpec, TrainingProgram } from "./program.ts";
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
let specification: TrainingSpecification;
const peak = 0.01;

beforeAll(async () => {
  shared = await temporaryFolder();
  const base = await writeTinyBase(join(shared.path, "base.gguf"), "F16");
  const train = await writeRows(join(shared.path, "train.jsonl"), chatRows(32, 2));
  // 20 steps of 8 rows; no warm-up, so that the rate is near its peak where the run diverges.
  specification = specificationOf(
    {
      recipe: "lora",
      epochs: 5,
      batch_size: 8,
      lora_rank: 4,
      checkpoint_every: 5,
      learning_rate: peak,
      warmup_ratio: 0,
      seed: 11,
    },
    { base, train },
  );
});
afterAll(() => shared[Symbol.asyncDispose]());

/** The real program, whose loss is NaN at a step where the rate is above a limit. */
function diverging(step: number, limit: number) {
  return async (spec: ProgramSpec): Promise<TrainingProgram> => {
    const program = await createProgram(spec);
    const bare = program.step.bind(program);
    program.step = async (batches, options) => {
      if (options.step === step && options.learningRate > limit)
        return { loss: Number.NaN, gradientNorm: Number.NaN, lossTokens: 1 };
      return await bare(batches, options);
    };
    return program;
  };
}

interface Way {
  limit: number;
  at: number;
  /** Steps at which the trainer is stopped, each in a process of its own, as it were. */
  interruptedAt?: number[];
}

async function run(folder: string, { at, limit, interruptedAt = [] }: Way) {
  const events: TrainerEvent[] = [];
  for (const stopAt of [...interruptedAt, null]) {
    const stop = new AbortController();
    const result = await runTraining(
      specification,
      { folder, threads: 1, memoryLimitBytes: 2 ** 32 },
      {
        signal: stop.signal,
        openProgram: diverging(at, limit),
        onEvent: (event) => {
          events.push(event);
          if (stopAt !== null && event.type === "progress" && event.progress.step >= stopAt)
            stop.abort(new TrainingInterrupted());
        },
      },
    ).catch((error: unknown) => {
      if (error instanceof TrainingInterrupted) return null;
      throw Object.assign(error instanceof Error ? error : new Error(String(error)), { events });
    });
    if (stopAt === null && result !== null) return { result, events };
  }
  throw new Error("the last attempt was interrupted");
}

async function adapterOf(folder: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(join(folder, "adapter.gguf")))
    .digest("hex");
}

const guards = (events: readonly TrainerEvent[]) => events.filter((event) => event.type === "guard");

test("a loss that is no number: back to the last checkpoint at half the rate, which is told, and to the end", async () => {
  await using folder = await temporaryFolder();
  await using straight = await temporaryFolder();
  const { result, events } = await run(folder.path, { at: 13, limit: 0.6 * peak * 0.4 });
  expect(guards(events)).toMatchObject([
    { guard: { kind: "not_finite", action: "went_back", step: 13 }, wentBackTo: 10 },
  ]);
  expect(guards(events)[0]?.guard.message).toMatch(/the loss is NaN.*checkpoint of step 10.*half/);
  expect(result.environment["went_back"]).toBe("from step 13 to 10, at half the rate");
  const expected = await run(straight.path, { at: 0, limit: 0 });
  const [slow, full] = [metricOf(events, "learning_rate"), metricOf(expected.events, "learning_rate")];
  for (let step = 1; step <= 20; step++)
    expect(slow.get(step)).toBeCloseTo((full.get(step) ?? NaN) * (step > 10 ? 0.5 : 1), 12);
  expect(metricOf(events, "loss").get(10)).toBe(metricOf(expected.events, "loss").get(10));
  expect(result.metrics.steps).toBe(20);
  expect(expected.result.environment["went_back"]).toBeUndefined();
}, 120_000);

test("the way back is the same again, also when the run was interrupted on either side of it: equal bytes", async () => {
  const way: Way = { at: 13, limit: 0.6 * peak * 0.4 };
  const made: string[] = [];
  for (const interruptedAt of [[], [11, 12], [7, 12]]) {
    await using folder = await temporaryFolder();
    const { events } = await run(folder.path, { ...way, interruptedAt });
    expect(guards(events).length).toBeGreaterThan(0);
    made.push(await adapterOf(folder.path));
  }
  expect(new Set(made).size).toBe(1);
}, 120_000);

test("without an update between the checkpoint and the step, the run goes one checkpoint further back", async () => {
  await using folder = await temporaryFolder();
  const { events } = await run(folder.path, { at: 11, limit: 0.6 * peak * 0.5 });
  expect(guards(events)).toMatchObject([{ guard: { step: 11 }, wentBackTo: 5 }]);
}, 120_000);

test("a second time it ends, and says what happened and what to do", async () => {
  await using folder = await temporaryFolder();
  const error: unknown = await run(folder.path, { at: 13, limit: 0 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    code: "training_failed",
    details: { step: 13, went_back: { at: 13, to: 10 } },
  });
  expect(String(error)).toMatch(
    /diverged at step 13.*half the rate from step 10 on did not help.*Lower learning_rate/,
  );
  expect(error).toHaveProperty("events");
}, 120_000);
