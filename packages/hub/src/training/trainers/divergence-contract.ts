import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { learningRate } from "./onnx/loop/schedule.ts";
import { metricOf, specificationOf, startOf, temporaryFolder } from "./onnx/testing/tiny-base.ts";
import { checksums, guardsOf, identities, resultOf, stillRunning } from "./testing/outcome.ts";
import { descendants, type TrainerRun } from "./testing/trainer-run.ts";
import type { TrainerLaunch, TrainingSpecification } from "./trainer.ts";

export interface DivergenceSubject {
  /**
   * What starts the trainer with a fault, in words STEP LIMIT SLOW_FROM SLOWNESS: at the step there is no number when
   * the rate at it, or at the one before, is above the limit; each from another one on takes milliseconds more.
   */
  diverging: (fault: readonly string[]) => Promise<Pick<TrainerLaunch, "module" | "args">>;
}

interface Context {
  subject: () => DivergenceSubject;
  files: () => { base: string; train: string };
  start: (launch: Pick<TrainerLaunch, "module" | "args">) => TrainerRun;
}

/** 20 steps of 8 rows; no warm-up, so that the rate is near its peak where the run diverges. */
const settings = {
  recipe: "lora" as const,
  epochs: 5,
  batch_size: 8,
  lora_rank: 4,
  sequence_length: 64,
  checkpoint_every: 5,
  sample_steps: 0,
  learning_rate: 0.01,
  warmup_ratio: 0,
  seed: 11,
};
const rateOf = (step: number) => learningRate({ peak: 0.01, steps: 20, warmupRatio: 0 }, step);
/** Half the rate helps. */
const curable = (at: number) => ({ at, limit: 0.75 * rateOf(at) });
/** A step that takes longer than what is told of it may wait, and is followed by a rest of four times that, can be interrupted. */
const late = 10;
const never = 1_000_000;
const slowness = 300;
const slowShare = 0.2;
const wentBack = { guard: { kind: "not_finite", action: "went_back", step: 13 }, wentBackTo: 10 };

/** What every trainer must do with a loss that is no number; a part of its contract. */
export function divergenceContract({ subject, files, start }: Context): void {
  describe("a loss that is no number", () => {
    let specification: TrainingSpecification;
    let straight: Record<string, string>;
    const begin = async (
      { at, limit }: { at: number; limit: number },
      folder: string,
      slowFrom = never,
    ): Promise<TrainerRun> => {
      const run = start(await subject().diverging([at, limit, slowFrom, slowness].map(String)));
      run.train(folder, specification);
      return run;
    };
    /** So that it can be interrupted at a step. */
    const beginSlowly = async (folder: string): Promise<TrainerRun> => {
      const run = await begin(curable(13), folder, late);
      await run.step(late - 2);
      run.send({ type: "pace", share: slowShare });
      return run;
    };
    beforeAll(() => {
      specification = specificationOf(settings, files());
    });

    test("puts it back to the last checkpoint at half the rate, which is told, and it ends well", async () => {
      await using folder = await temporaryFolder();
      const run = await begin(curable(13), folder.path);
      const { events } = run;
      const result = await resultOf(run);
      expect(guardsOf(events)).toMatchObject([wentBack]);
      expect(guardsOf(events)[0]?.guard.message).toMatch(/the loss is NaN.*checkpoint of step 10.*half/);
      expect(result.environment["went_back"]).toBe("from step 13 to 10, at half the rate");
      expect(result.metrics.steps).toBe(20);
      const rates = metricOf(events, "learning_rate");
      for (let step = 1; step <= 20; step++)
        expect(rates.get(step)).toBeCloseTo(rateOf(step) * (step > 10 ? 0.5 : 1), 8);
      expect([...metricOf(events, "loss").values()].every(Number.isFinite)).toBe(true);
      straight = await checksums(folder.path, result);
    });

    test("interrupted before it, with the checkpoint lost that it goes back to: equal bytes", async () => {
      await using folder = await temporaryFolder();
      for (const at of [11, 12]) {
        const interrupted = await beginSlowly(folder.path);
        await interrupted.step(at);
        interrupted.kill("SIGTERM");
        expect((await interrupted.exit).code).toBe(143);
        expect(guardsOf(interrupted.events)).toEqual([]);
      }
      // That of the first interruption made room, not that which was due.
      const due = "checkpoint-00000010.safetensors";
      expect((await readdir(folder.path)).filter((name) => name.startsWith("checkpoint")).toSorted()).toEqual(
        [due, "checkpoint-00000012.safetensors"],
      );
      await rm(join(folder.path, due));
      const rest = await begin(curable(13), folder.path);
      expect(await checksums(folder.path, await resultOf(rest))).toEqual(straight);
      expect(startOf(rest.events)).toBe(12);
      expect(guardsOf(rest.events)).toMatchObject([wentBack]);
    });

    test.each([
      ["SIGTERM", []],
      ["SIGKILL", [wentBack]],
    ] as const)("%s on the way back: equal bytes, and no second way back", async (signal, told) => {
      await using folder = await temporaryFolder();
      const interrupted = await beginSlowly(folder.path);
      const { events } = interrupted;
      const back = await interrupted.seen(({ type }) => type === "guard");
      await interrupted.seen(
        (event) =>
          event.type === "progress" &&
          event.progress.step >= 11 &&
          events.indexOf(event) > events.indexOf(back),
      );
      const below = await identities(await descendants(interrupted.pid));
      interrupted.kill(signal);
      await interrupted.exit;
      await expect.poll(() => stillRunning(below), { timeout: 60_000 }).toEqual([]);
      const rest = await begin(curable(13), folder.path);
      const result = await resultOf(rest);
      expect(guardsOf(rest.events)).toMatchObject([...told]);
      expect(result.environment["went_back"]).toBe("from step 13 to 10, at half the rate");
      expect(await checksums(folder.path, result)).toEqual(straight);
    });

    test("without an update between the checkpoint and the step, goes one checkpoint further back", async () => {
      await using folder = await temporaryFolder();
      const run = await begin(curable(11), folder.path);
      expect((await resultOf(run)).environment["went_back"]).toBe("from step 11 to 5, at half the rate");
      expect(guardsOf(run.events)).toMatchObject([{ guard: { step: 11 }, wentBackTo: 5 }]);
    });

    test("a second time ends it, and says what happened and what to do", async () => {
      await using folder = await temporaryFolder();
      const run = await begin({ at: 13, limit: 0 }, folder.path);
      const failed = await run.seen(({ type }) => type === "failed");
      expect(failed).toMatchObject({
        error: { code: "training_failed", details: { step: 13, went_back: { at: 13, to: 10 } } },
      });
      expect(failed).toHaveProperty(
        "error.message",
        expect.stringMatching(
          /diverged at step 13.*half the rate from step 10 on did not help.*Lower learning_rate/,
        ),
      );
      expect(guardsOf(run.events)).toMatchObject([wentBack, { guard: { action: "stopped", step: 13 } }]);
    });
  });
}
