import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Engine, ModelFiles } from "../../inference/engine.ts";
import { compareProbes } from "../../inference/verify-export.ts";
import { divergenceContract, type DivergenceSubject } from "./divergence-contract.ts";
import {
  chatRows,
  metricOf,
  specificationOf,
  startOf,
  temporaryFolder,
  writeRows,
} from "./onnx/testing/tiny-base.ts";
import { checksums, identities, resultOf, stillRunning } from "./testing/outcome.ts";
import { descendants, TrainerRun } from "./testing/trainer-run.ts";
import type { TrainerLaunch, TrainingResult, TrainingSpecification } from "./trainer.ts";

/** What a trainer brings to its contract. */
export interface TrainerSubject extends DivergenceSubject {
  launch: Pick<TrainerLaunch, "module" | "args">;
  /** A small base on which the rows of `chatRows` can be learnt. */
  base: ModelFiles;
  /** One with a weight that is no finite number. */
  spoiltBase: string;
  /** A fresh engine for the base and its adapters. */
  createEngine: () => Engine;
}

const never = new AbortController().signal;
/** Python imports MLX in seconds, on a machine that is busy in many. */
const patience = 600_000;

/** What every trainer must do, whatever it computes with. */
export function trainerContract(name: string, create: (folder: string) => Promise<TrainerSubject>): void {
  describe(`the contract of trainers: ${name}`, { timeout: patience }, () => {
    let shared: Awaited<ReturnType<typeof temporaryFolder>>;
    let subject: TrainerSubject;
    let specification: TrainingSpecification;
    const runs: TrainerRun[] = [];

    beforeAll(async () => {
      shared = await temporaryFolder();
      subject = await create(shared.path);
      specification = specificationOf(
        {
          epochs: 10,
          batch_size: 8,
          lora_rank: 8,
          learning_rate: 0.02,
          sequence_length: 64,
          checkpoint_every: 5,
          validation_every: 10,
          seed: 11,
        },
        {
          base: subject.base.basePath,
          train: await writeRows(join(shared.path, "train.jsonl"), chatRows(32, 2)),
          validation: await writeRows(join(shared.path, "validation.jsonl"), chatRows(8, 3)),
        },
      );
    }, patience);
    afterAll(() => shared[Symbol.asyncDispose]());
    afterEach(() => {
      for (const run of runs.splice(0)) run.kill("SIGKILL");
    });

    const start = (launch = subject.launch): TrainerRun => {
      const run = new TrainerRun(launch);
      runs.push(run);
      return run;
    };
    const completed = async (folder: string): Promise<TrainerRun & { result: TrainingResult }> => {
      const run = start();
      run.train(folder, specification);
      const result = await resultOf(run);
      expect(await run.exit).toEqual({ code: 0, signal: null });
      return Object.assign(run, { result });
    };
    /** A job that would last long if it were left alone. */
    const endless = (): TrainingSpecification => ({
      ...specification,
      parameters: { ...specification.parameters, epochs: 1000, checkpoint_every: 100_000, sample_steps: 0 },
    });

    test("what can be learnt is learnt, and the engine says what the trainer said it would", async () => {
      await using folder = await temporaryFolder();
      const { events, result } = await completed(folder.path);
      expect(events[0]).toEqual({ type: "ready" });
      const losses = [...metricOf(events, "loss").values()];
      expect(losses).toHaveLength(40);
      expect(result.metrics).toMatchObject({ steps: 40, first_loss: losses[0], last_loss: losses.at(-1) });
      expect(result.metrics.last_loss).toBeLessThan(0.3 * result.metrics.first_loss);
      const held = metricOf(events, "validation_loss");
      expect([...held.keys()]).toEqual([10, 20, 30, 40]);
      expect(held.get(40)).toBeLessThan(held.get(10) ?? 0);
      expect(result.metrics.validation_loss).toBe(held.get(40));
      expect(Math.max(...metricOf(events, "learning_rate").values())).toBeCloseTo(0.02, 5);
      for (const file of result.files)
        expect((await readFile(join(folder.path, file))).length).toBeGreaterThan(0);
      expect(result.files).toContain(result.engineFile);
      expect(result.environment["went_back"]).toBeUndefined();
      expect((await readdir(folder.path)).filter((file) => file.startsWith("checkpoint"))).toEqual([]);
      const samples = events.flatMap((event) => (event.type === "sample" ? [event.sample] : []));
      expect(samples.find(({ step }) => step === 0)?.answer).not.toBe(samples.at(-1)?.answer);
      expect(samples.at(-1)).toMatchObject({ step: 40, answer: samples.at(-1)?.expected, complete: true });

      expect(result.probes.length).toBeGreaterThan(2);
      await using engine = subject.createEngine();
      await engine.load(subject.base, { threads: 1, slots: 1, adapterContexts: 1 }, never);
      const adapter = { path: join(folder.path, result.engineFile), sha256: "adapter" };
      expect(await compareProbes(engine, adapter, result.probes, never)).toMatchObject({ mismatch: null });
      expect(await compareProbes(engine, null, result.probes, never)).toMatchObject({ identical: false });
    });

    test("killed in the middle, another one continues to the same losses and bytes; nothing is left", async () => {
      await using whole = await temporaryFolder();
      await using parts = await temporaryFolder();
      const expected = await completed(whole.path);
      const killed = start();
      killed.train(parts.path, specification);
      // After step 5 there is a checkpoint; whatever came after it is lost.
      await killed.step(7);
      const below = await identities(await descendants(killed.pid));
      killed.kill("SIGKILL");
      expect((await killed.exit).signal).toBe("SIGKILL");
      await expect.poll(() => stillRunning(below), { timeout: 60_000 }).toEqual([]);
      const rest = await completed(parts.path);
      const line = expect.stringContaining("Continuing after step");
      expect(rest.events).toContainEqual({ type: "log", line });
      expect(startOf(rest.events)).toBeGreaterThanOrEqual(5);
      // What came before the checkpoint is told again: who listened may have been killed as well.
      for (const key of ["loss", "learning_rate", "gradient_norm", "validation_loss"])
        expect(metricOf(rest.events, key)).toEqual(metricOf(expected.events, key));
      expect(rest.result.metrics.trained_tokens).toBe(expected.result.metrics.trained_tokens);
      expect(rest.result.probes).toEqual(expected.result.probes);
      expect(await checksums(parts.path, rest.result)).toEqual(await checksums(whole.path, expected.result));
    });

    test("cancelled, ends between two steps and leaves no artifact and no process", async () => {
      await using folder = await temporaryFolder();
      const run = start();
      run.train(folder.path, endless());
      await run.step(3);
      const below = await identities(await descendants(run.pid));
      run.send({ type: "cancel" });
      expect((await run.exit).code).toBe(1);
      expect(run.events.at(-1)).toEqual({ type: "cancelled" });
      expect((await readdir(folder.path)).filter((file) => /^(adapter|checkpoint)/.test(file))).toEqual([]);
      expect(await stillRunning(below)).toEqual([]);
    });

    test("cancelled before it has a job, ends", async () => {
      const run = start();
      await run.seen((event) => event.type === "ready");
      run.send({ type: "cancel" });
      await run.seen((event) => event.type === "cancelled");
      expect((await run.exit).code).toBe(1);
    });

    test.each(["SIGTERM", "the hub is gone"])(
      "%s: leaves a checkpoint of the last step, and ends",
      async (how) => {
        await using folder = await temporaryFolder();
        const run = start();
        run.train(folder.path, endless());
        await run.step(3);
        const below = await identities(await descendants(run.pid));
        if (how === "SIGTERM") run.kill("SIGTERM");
        else run.disconnect();
        expect((await run.exit).code).toBe(143);
        const names = await readdir(folder.path);
        expect(names.filter((file) => /^checkpoint-\d+\.safetensors$/.test(file))).toHaveLength(1);
        expect(run.events.some(({ type }) => type === "failed" || type === "cancelled")).toBe(false);
        expect(await stillRunning(below)).toEqual([]);
      },
    );

    divergenceContract({
      subject: () => subject,
      files: () => ({ base: subject.base.basePath, train: specification.dataset.train }),
      start,
    });

    test("a loss that is no number at the first step stops it with the step and what to do, and leaves nothing", async () => {
      await using folder = await temporaryFolder();
      const run = start();
      run.train(folder.path, {
        ...specification,
        base: { path: subject.spoiltBase, sha256: "0".repeat(64) },
      });
      expect(await run.seen((event) => event.type === "failed")).toMatchObject({
        error: {
          code: "training_failed",
          message: expect.stringMatching(/diverged at step 1.*learning_rate/),
          details: { step: 1 },
        },
      });
      expect((await run.exit).code).toBe(1);
      expect((await readdir(folder.path)).filter((file) => /^(adapter|checkpoint)/.test(file))).toEqual([]);
    });

    test("a row that is none is told with its line", async () => {
      await using folder = await temporaryFolder();
      const bad = await writeRows(join(folder.path, "bad.jsonl"), [...chatRows(8, 1), { question: "why?" }]);
      const run = start();
      run.train(folder.path, { ...specification, dataset: { ...specification.dataset, train: bad } });
      expect(await run.seen((event) => event.type === "failed")).toMatchObject({
        error: { code: "dataset_invalid", details: { line: 9 } },
      });
      expect((await run.exit).code).toBe(1);
    });

    test("a failure is an event", async () => {
      await using folder = await temporaryFolder();
      const missing = { ...specification.dataset, train: join(folder.path, "none.jsonl") };
      const run = start();
      run.train(folder.path, { ...specification, dataset: missing });
      const failed = await run.seen((event) => event.type === "failed");
      expect(failed).toMatchObject({ error: { message: expect.stringContaining("none.jsonl") } });
      expect((await run.exit).code).toBe(1);
    });
  });
}
