import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HearthError } from "../../../errors.ts";
import type { TrainerEvent, TrainingAttempt, TrainingResult, TrainingSpecification } from "../trainer.ts";
import { TrainingInterrupted } from "../interruption.ts";
import { runTraining } from "./run-training.ts";
import {
  chatRows,
  metricOf,
  startOf,
  specificationOf,
  temporaryFolder,
  writeRows,
  writeTinyBase,
} from "./testing/tiny-base.ts";

interface Run {
  result: TrainingResult;
  events: TrainerEvent[];
}

let shared: Awaited<ReturnType<typeof temporaryFolder>>;
let base: string;
let rows: string;
let held: string;

beforeAll(async () => {
  shared = await temporaryFolder();
  base = await writeTinyBase(join(shared.path, "base.gguf"), "F16");
  rows = await writeRows(join(shared.path, "train.jsonl"), chatRows(32, 2));
  held = await writeRows(join(shared.path, "validation.jsonl"), chatRows(6, 3));
});
afterAll(() => shared[Symbol.asyncDispose]());

/** 20 steps of 8 rows. */
const lora = {
  recipe: "lora",
  epochs: 5,
  batch_size: 8,
  lora_rank: 4,
  checkpoint_every: 5,
  seed: 11,
} as const;

function attemptIn(folder: string, threads = 1): TrainingAttempt {
  return { folder, threads, memoryLimitBytes: 2 ** 32 };
}

async function run(
  specification: TrainingSpecification,
  attempt: TrainingAttempt,
  abortAt?: { step: number; reason: Error },
): Promise<Run> {
  const events: TrainerEvent[] = [];
  const controller = new AbortController();
  const result = await runTraining(specification, attempt, {
    signal: controller.signal,
    onEvent: (event) => {
      events.push(event);
      if (abortAt === undefined || event.type !== "progress") return;
      if (event.progress.step >= abortAt.step) controller.abort(abortAt.reason);
    },
  }).catch((error: unknown) => {
    throw new StoppedRun(error, events);
  });
  return { result, events };
}

class StoppedRun extends Error {
  readonly events: TrainerEvent[];
  constructor(cause: unknown, events: TrainerEvent[]) {
    super("The run stopped", { cause });
    this.events = events;
  }
}

async function stopped(running: Promise<Run>): Promise<{ cause: unknown; events: TrainerEvent[] }> {
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof StoppedRun)) throw new Error("The run was expected to stop.", { cause: error });
  return { cause: error.cause, events: error.events };
}

async function sha256(folder: string, file: string): Promise<string> {
  return createHash("sha256")
    .update(await readFile(join(folder, file)))
    .digest("hex");
}

test("layers computed again give the same files, on a base in Q4_K_M, and the log says what it takes", async () => {
  await using folder = await temporaryFolder();
  const q4 = await writeTinyBase(join(folder.path, "q4.gguf"), "Q4_K_M");
  const hashes: string[] = [];
  const lines: string[] = [];
  for (const recompute of ["none", "layers"] as const) {
    await using attempt = await temporaryFolder();
    const parameters = { ...lora, learning_rate: 0.005, epochs: 10, recompute };
    const { events } = await run(
      specificationOf(parameters, { base: q4, train: rows }),
      attemptIn(attempt.path),
    );
    hashes.push(await sha256(attempt.path, "adapter.gguf"));
    for (const event of events) if (event.type === "log") lines.push(event.line);
  }
  expect(hashes[1]).toBe(hashes[0]);
  expect(lines.filter((line) => /^Memory: about \d+ MB \(trainer \d+ MB, base/u.test(line))).toHaveLength(2);
  expect(lines.filter((line) => line.includes("computes each layer again"))).toHaveLength(1);
}, 600_000);

describe("a LoRA run", () => {
  test("learns the task, reports every step and leaves the adapter in both forms", async () => {
    await using folder = await temporaryFolder();
    const specification = specificationOf(
      { ...lora, epochs: 15, learning_rate: 0.02 },
      { base, train: rows, validation: held },
    );
    const { result, events } = await run(specification, attemptIn(folder.path));
    const losses = metricOf(events, "loss");
    expect([...losses.keys()]).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(result.metrics.first_loss).toBe(losses.get(1));
    expect(result.metrics.last_loss).toBe(losses.get(60));
    expect(result.metrics.last_loss).toBeLessThan(0.2 * result.metrics.first_loss);
    expect(result.metrics.validation_loss).toBeLessThan(0.3 * result.metrics.first_loss);
    expect(result.metrics.steps).toBe(60);
    expect(result).toMatchObject({ engineFile: "adapter.gguf", kind: "adapter" });
    expect((await readdir(folder.path)).toSorted()).toEqual(result.files.toSorted());
    expect(metricOf(events, "validation_loss").size).toBe(5);
    expect(events.filter((event) => event.type === "progress").at(-1)?.progress.phase).toBe("exporting");
  });

  test("gives the same losses and bytes again, on one thread and on two", async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    const specification = specificationOf(lora, { base, train: rows });
    const first = await run(specification, attemptIn(one.path, 1));
    const second = await run(specification, attemptIn(two.path, 2));
    expect(metricOf(second.events, "loss")).toEqual(metricOf(first.events, "loss"));
    for (const file of first.result.files)
      expect(await sha256(two.path, file)).toBe(await sha256(one.path, file));
    expect(second.result.probes).toEqual(first.result.probes);
  });

  test("packed, it learns as well from as many rows a step, and gives the same bytes on one thread and on two", async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    const recipe = { ...lora, epochs: 15, learning_rate: 0.02, packing: true };
    const specification = specificationOf(recipe, { base, train: rows, validation: held });
    const first = await run(specification, attemptIn(one.path, 1));
    await run(specification, attemptIn(two.path, 2));
    for (const file of first.result.files)
      expect(await sha256(two.path, file)).toBe(await sha256(one.path, file));
    expect(first.result.metrics.last_loss).toBeLessThan(0.2 * first.result.metrics.first_loss);
    expect(first.result.metrics.validation_loss).toBeLessThan(0.3 * first.result.metrics.first_loss);
    expect(first.result.metrics.trained_tokens).toBe(
      (await run(specificationOf({ ...recipe, packing: false }, { base, train: rows }), attemptIn(one.path)))
        .result.metrics.trained_tokens,
    );
    const packed = first.events.find((event) => event.type === "log" && event.line.includes("packed into"));
    expect(packed).toBeDefined();
  });

  test("another seed gives another adapter", async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    await run(specificationOf({ ...lora, epochs: 1 }, { base, train: rows }), attemptIn(one.path));
    await run(specificationOf({ ...lora, epochs: 1, seed: 12 }, { base, train: rows }), attemptIn(two.path));
    expect(await sha256(two.path, "adapter.gguf")).not.toBe(await sha256(one.path, "adapter.gguf"));
  });

  test.each([
    ["prompts", (text: string): object => ({ prompt: `Say: ${text}`, completion: ` ${text}` })],
    ["texts", (text: string): object => ({ text })],
  ])("learns from %s", async (_name, rowOf) => {
    await using folder = await temporaryFolder();
    const texts = chatRows(40, 4).map(({ messages }) => messages.map(({ content }) => content).join(" "));
    const train = await writeRows(
      join(folder.path, "rows.jsonl"),
      texts.map((text) => rowOf(text)),
    );
    const specification = specificationOf({ ...lora, epochs: 4, learning_rate: 0.02 }, { base, train });
    const { result, events } = await run(specification, attemptIn(folder.path));
    expect(result.metrics.last_loss).toBeLessThan(0.6 * result.metrics.first_loss);
    expect(metricOf(events, "loss").size).toBe(result.metrics.steps);
    expect(result.probes.length).toBeGreaterThan(0);
  });

  test("accumulated small batches follow the large batch", async () => {
    await using one = await temporaryFolder();
    await using two = await temporaryFolder();
    const large = await run(specificationOf(lora, { base, train: rows }), attemptIn(one.path));
    const small = await run(
      specificationOf({ ...lora, batch_size: 2, gradient_accumulation: 4 }, { base, train: rows }),
      attemptIn(two.path),
    );
    const expected = metricOf(large.events, "loss");
    for (const [step, loss] of metricOf(small.events, "loss"))
      expect(loss).toBeCloseTo(expected.get(step) ?? NaN, 2);
  });
});

describe("a run that was interrupted", () => {
  test.each([
    ["lora", lora],
    ["full", { ...lora, recipe: "full" }],
  ] as const)("%s continues bit for bit", async (_name, parameters) => {
    await using whole = await temporaryFolder();
    await using parts = await temporaryFolder();
    const specification = specificationOf(parameters, { base, train: rows });
    const expected = await run(specification, attemptIn(whole.path));
    const { cause } = await stopped(
      run(specification, attemptIn(parts.path), { step: 8, reason: new TrainingInterrupted() }),
    );
    expect(cause).toBeInstanceOf(TrainingInterrupted);
    const rest = await run(specification, attemptIn(parts.path));
    expect(startOf(rest.events)).toBeGreaterThanOrEqual(8);
    // What came before the checkpoint is told again: who listened may not have written it down.
    expect(metricOf(rest.events, "loss")).toEqual(metricOf(expected.events, "loss"));
    expect(rest.result.metrics.first_loss).toBe(expected.result.metrics.first_loss);
    expect(rest.result.metrics.trained_tokens).toBe(expected.result.metrics.trained_tokens);
    const file = expected.result.engineFile;
    expect(await sha256(parts.path, file)).toBe(await sha256(whole.path, file));
  });

  test("passes over a damaged checkpoint for the one before", async () => {
    await using whole = await temporaryFolder();
    await using parts = await temporaryFolder();
    const specification = specificationOf(lora, { base, train: rows });
    await run(specification, attemptIn(whole.path));
    await stopped(run(specification, attemptIn(parts.path), { step: 12, reason: new TrainingInterrupted() }));
    const names = (await readdir(parts.path)).filter((name) => name.startsWith("checkpoint-")).toSorted();
    expect(names).toHaveLength(2);
    const newest = join(parts.path, names[1] ?? "");
    const bytes = await readFile(newest);
    bytes[bytes.length - 9] = (bytes[bytes.length - 9] ?? 0) ^ 1;
    await writeFile(newest, bytes);
    const rest = await run(specification, attemptIn(parts.path));
    expect(rest.events).toContainEqual({
      type: "log",
      line: expect.stringContaining(`${names[1]} cannot be used`),
    });
    expect(rest.events).toContainEqual({ type: "log", line: expect.stringContaining(`from ${names[0]}`) });
    expect(await sha256(parts.path, "adapter.gguf")).toBe(await sha256(whole.path, "adapter.gguf"));
  });

  test("does not use the checkpoint of another specification", async () => {
    await using folder = await temporaryFolder();
    await stopped(
      run(specificationOf(lora, { base, train: rows }), attemptIn(folder.path), {
        step: 6,
        reason: new TrainingInterrupted(),
      }),
    );
    const other = await run(
      specificationOf({ ...lora, seed: 12 }, { base, train: rows }),
      attemptIn(folder.path),
    );
    expect(metricOf(other.events, "loss").has(1)).toBe(true);
  });
});

describe("a run that cannot go on", () => {
  test("cancelled: stops within a step and leaves nothing that a job would resume", async () => {
    await using folder = await temporaryFolder();
    const reason = new HearthError("cancelled", "no longer wanted");
    const specification = specificationOf(
      { ...lora, epochs: 1000, checkpoint_every: 100_000 },
      { base, train: rows },
    );
    const { cause, events } = await stopped(run(specification, attemptIn(folder.path), { step: 3, reason }));
    expect(cause).toBe(reason);
    const seen = events.flatMap((event) => (event.type === "progress" ? [event.progress.step] : []));
    // The abort came with the first event at or after step 3; there is none after it.
    expect(seen.filter((step) => step >= 3)).toHaveLength(1);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test("cancelled while reading: the reason is the caller's", async () => {
    await using folder = await temporaryFolder();
    const reason = new HearthError("cancelled", "no longer wanted");
    const controller = new AbortController();
    controller.abort(reason);
    const running = runTraining(specificationOf(lora, { base, train: rows }), attemptIn(folder.path), {
      signal: controller.signal,
      onEvent: () => undefined,
    });
    await expect(running).rejects.toBe(reason);
  });

  test("diverged: says at which step, with which figures, and what to do", async () => {
    await using folder = await temporaryFolder();
    const spoilt = await writeTinyBase(join(folder.path, "spoilt.gguf"), "F32", "blk.1.ffn_up.weight");
    const { cause } = await stopped(
      run(specificationOf(lora, { base: spoilt, train: rows }), attemptIn(folder.path)),
    );
    expect(cause).toMatchObject({ code: "training_failed", details: { step: 1 } });
    expect(String(cause)).toMatch(/diverged at step 1.*learning_rate/);
  });

  test("too little memory: refused with both figures before anything is loaded", async () => {
    await using folder = await temporaryFolder();
    const attempt = { ...attemptIn(folder.path), memoryLimitBytes: 1_000_000 };
    const { cause } = await stopped(run(specificationOf(lora, { base, train: rows }), attempt));
    expect(cause).toMatchObject({ code: "resource_exhausted", details: { limit: 1_000_000 } });
  });

  test("more memory in use than the job may have: stops after the step, with both figures, and says that a guard did it", async () => {
    await using folder = await temporaryFolder();
    // This process holds more than the little model needs, so that the estimate lets it begin.
    const memoryLimitBytes = process.memoryUsage.rss() - 2 ** 20;
    const { cause, events } = await stopped(
      run(specificationOf(lora, { base, train: rows }), { ...attemptIn(folder.path), memoryLimitBytes }),
    );
    expect(cause).toMatchObject({ code: "resource_exhausted", details: { limit: memoryLimitBytes } });
    expect(events).toContainEqual({
      type: "guard",
      guard: {
        kind: "memory",
        action: "stopped",
        step: 1,
        message: expect.stringContaining(`the job may use ${memoryLimitBytes}`),
      },
    });
  });

  test("a sequence length beyond the base's context is refused", async () => {
    await using folder = await temporaryFolder();
    const specification = specificationOf({ ...lora, sequence_length: 97 }, { base, train: rows });
    const { cause } = await stopped(run(specification, attemptIn(folder.path)));
    expect(cause).toMatchObject({ code: "invalid_request", details: { maximum: 96 } });
  });

  test("the folder is gone: the system's reason, no half file elsewhere", async () => {
    await using folder = await temporaryFolder();
    const { cause } = await stopped(
      run(
        specificationOf({ ...lora, epochs: 1 }, { base, train: rows }),
        attemptIn(join(folder.path, "gone")),
      ),
    );
    expect(cause).toMatchObject({ code: "ENOENT" });
  });
});
