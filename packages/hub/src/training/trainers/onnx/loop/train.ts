import { HearthError } from "../../../../errors.ts";
import { batchesOfStep, batchesOnce } from "../data/batches.ts";
import type { Plan } from "../data/batches.ts";
import type { SequenceSource } from "../data/sources.ts";
import type { TrainingProgram } from "../program.ts";
import type { CheckpointFolder, RunRecord } from "./checkpoint.ts";
import { breathe, TrainingInterrupted } from "../../interruption.ts";
import { requireMemory } from "./memory.ts";
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
 * Errors: `training_failed` when loss or gradients are no longer finite, `resource_exhausted`, the
 * signal's reason, the system's own error when a checkpoint cannot be written.
 */
export async function train(
  program: TrainingProgram,
  options: LoopOptions,
  signal: AbortSignal,
): Promise<LoopFigures> {
  const { plan, progress, checkpoints, sampler } = options;
  const restored = await checkpoints.restore(program, (line) => progress.log(line));
  let { record } = restored;
  progress.repeat(restored);
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
      if (record.step % options.validationEvery === 0 || record.step === plan.steps) {
        record = await validate(program, options, record, signal);
      }
      await sampler.sample(program, record.step, milliseconds, signal);
      if (record.step % options.checkpointEvery === 0) await save();
      requireMemory("Training", process.memoryUsage.rss(), options.memoryLimitBytes);
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
  const rate = learningRate(
    { peak: options.peakLearningRate, steps: plan.steps, warmupRatio: options.warmupRatio },
    step,
  );
  const start = performance.now();
  const batches = batchesOfStep(options.source, plan, step);
  const { loss, gradientNorm } = await program.step(batches, { learningRate: rate, step });
  const milliseconds = performance.now() - start;
  requireFinite(loss, gradientNorm, rate, { ...before, step });
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

function requireFinite(
  loss: number,
  gradientNorm: number,
  rate: number,
  { step, lastLoss }: RunRecord,
): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const what = Number.isFinite(loss) ? `the gradients' norm is ${gradientNorm}` : `the loss is ${loss}`;
  const before = lastLoss === null ? "at the first step" : `after a loss of ${lastLoss.toFixed(4)}`;
  throw new HearthError(
    "training_failed",
    `Training diverged at step ${step}: ${what}, ${before}, with a learning rate of ${rate.toPrecision(3)}. Lower learning_rate (a third is a good try) or clip_norm, or raise warmup_ratio.`,
    {
      details: {
        step,
        loss: String(loss),
        gradient_norm: String(gradientNorm),
        learning_rate: rate,
        last_loss: lastLoss,
      },
    },
  );
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
    const { lossSum, lossTokens } = await program.evaluate(batch);
    sum += lossSum;
    tokens += lossTokens;
    options.progress.heartbeat();
  }
  if (tokens === 0) return record;
  const validationLoss = sum / tokens;
  options.progress.validation(record.step, validationLoss);
  return { ...record, validationLoss };
}
