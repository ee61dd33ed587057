import { batchesOfStep, batchesOnce } from "../data/batches.ts";
import type { Plan } from "../data/batches.ts";
import type { SequenceSource } from "../data/sources.ts";
import type { TrainingProgram } from "../program.ts";
import type { CheckpointFolder, RunRecord } from "./checkpoint.ts";
import { Diverged, slowerBy } from "../../divergence.ts";
import type { WentBack } from "../../divergence.ts";
import { breathe, TrainingInterrupted } from "../../interruption.ts";
import { reportSpike, SpikeWatch } from "../../loss-spikes.ts";
import { requireMemory } from "./memory.ts";
import type { Pacer } from "../../pacer.ts";
import type { ProgressReporter } from "../../progress.ts";
import type { Sampler } from "./sampling.ts";
import { learningRate } from "./schedule.ts";

/** A validation reads at most this many sequences, so that it stays a small part of a run. */
const validationSequences = 512;

export interface LoopOptions {
  plan: Plan;
  source: SequenceSource;
  validation: SequenceSource | null;
  peakLearningRate: number;
  warmupRatio: number;
  validationEvery: number;
  checkpointEvery: number;
  memoryLimitBytes: number;
  checkpoints: CheckpointFolder;
  sampler: Sampler;
  progress: ProgressReporter;
  pacer: Pacer;
  /** Where a run that diverged is put back to; null for the first way. */
  wentBack: WentBack | null;
}

/** Figures of a finished loop. */
export interface LoopFigures extends RunRecord {
  /** Of the steps done here; 0 when a checkpoint had already done all. */
  tokensPerSecond: number;
}

/**
 * Runs the optimizer over the plan, from the newest valid checkpoint if there is one. Stops between
 * steps when the signal aborts; when it aborts with {@link TrainingInterrupted}, after a checkpoint.
 *
 * Errors: {@link Diverged} when loss or gradients are no longer finite, `resource_exhausted`, the
 * signal's reason, the system's own error when a checkpoint cannot be written.
 */
export async function train(
  program: TrainingProgram,
  options: LoopOptions,
  signal: AbortSignal,
): Promise<LoopFigures> {
  const { plan, progress, checkpoints, sampler } = options;
  const restored = await checkpoints.restore(program, (line) => progress.log(line), options.wentBack?.to);
  let { record } = restored;
  if (options.wentBack === null) progress.repeat(restored);
  else record = { ...record, wentBack: options.wentBack };
  const spikes = new SpikeWatch(
    restored.metrics.filter(({ key }) => key === "loss").map(({ value }) => value),
  );
  progress.phase("training", {
    step: record.step,
    steps: plan.steps,
    loss: record.lastLoss,
    first_loss: record.firstLoss,
    validation_loss: record.validationLoss,
  });
  let tokens = 0;
  let milliseconds = 0;
  let savedAt = record.step;
  const save = async () => {
    await checkpoints.save(program, record, { metrics: progress.recent, samples: progress.samples });
    savedAt = record.step;
  };
  try {
    // Before the first step, and what an attempt that was stopped in the middle of a round left over.
    await sampler.sample(program, record.step, milliseconds, signal);
    while (record.step < plan.steps) {
      await breathe(signal);
      const done = await oneStep(program, options, record);
      tokens += done.tokens;
      milliseconds += done.milliseconds;
      record = done.record;
      if (record.lastLoss !== null)
        reportSpike(spikes, { step: record.step, loss: record.lastLoss }, progress);
      if (record.step % options.validationEvery === 0 || record.step === plan.steps) {
        record = await validate(program, options, record, signal);
      }
      await sampler.sample(program, record.step, milliseconds, signal);
      if (record.step % options.checkpointEvery === 0) await save();
      watchMemory(options, record.step);
      await options.pacer.rest(done.milliseconds, signal);
    }
  } catch (error) {
    if (error instanceof TrainingInterrupted && record.step > savedAt) await save();
    throw error;
  }
  progress.flush();
  if (sampler.summary !== null) progress.log(sampler.summary);
  return { ...record, tokensPerSecond: milliseconds === 0 ? 0 : (1000 * tokens) / milliseconds };
}

async function oneStep(
  program: TrainingProgram,
  options: LoopOptions,
  before: RunRecord,
): Promise<{ record: RunRecord; tokens: number; milliseconds: number }> {
  const { plan } = options;
  const step = before.step + 1;
  const slower = before.wentBack !== null && step > before.wentBack.to ? slowerBy : 1;
  const rate =
    slower *
    learningRate(
      { peak: options.peakLearningRate, steps: plan.steps, warmupRatio: options.warmupRatio },
      step,
    );
  const start = performance.now();
  const batches = batchesOfStep(options.source, plan, step);
  const { loss, gradientNorm } = await program.step(batches, { learningRate: rate, step });
  const milliseconds = performance.now() - start;
  if (!Number.isFinite(loss) || !Number.isFinite(gradientNorm))
    throw new Diverged(step, { loss, gradientNorm, rate }, before);
  const tokens = batches.reduce((sum, batch) => sum + batch.inputs, 0);
  options.progress.step({ step, loss, learningRate: rate, gradientNorm, tokens, milliseconds });
  const record = {
    ...before,
    step,
    firstLoss: before.firstLoss ?? loss,
    lastLoss: loss,
    trainedTokens: before.trainedTokens + tokens,
  };
  return { record, tokens, milliseconds };
}

/** Stops with the figures before the hub has to end this process without a word. */
function watchMemory({ progress, memoryLimitBytes }: LoopOptions, step: number): void {
  const used = process.memoryUsage.rss();
  if (used > memoryLimitBytes)
    progress.guard({
      kind: "memory",
      action: "stopped",
      step,
      message: `the trainer holds ${used} bytes; the job may use ${memoryLimitBytes}`,
    });
  requireMemory("Training", used, memoryLimitBytes);
}

async function validate(
  program: TrainingProgram,
  options: LoopOptions,
  record: RunRecord,
  signal: AbortSignal,
): Promise<RunRecord> {
  if (options.validation === null) return record;
  let sum = 0;
  let tokens = 0;
  for (const batch of batchesOnce(options.validation, options.plan, validationSequences)) {
    await breathe(signal);
    const start = performance.now();
    const { lossSum, lossTokens } = await program.evaluate(batch);
    sum += lossSum;
    tokens += lossTokens;
    options.progress.heartbeat();
    await options.pacer.rest(performance.now() - start, signal);
  }
  if (tokens === 0) return record;
  const validationLoss = sum / tokens;
  options.progress.validation(record.step, validationLoss);
  return { ...record, validationLoss };
}
