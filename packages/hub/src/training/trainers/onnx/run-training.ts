import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { HearthError } from "../../../errors.ts";
import type { ExportType } from "./export/weights.ts";
import type { TrainerEvent, TrainingAttempt, TrainingResult, TrainingSpecification } from "../trainer.ts";
import { batchLengths, mostScored, planSteps } from "./data/batches.ts";
import { greedyProbes } from "./export/probes.ts";
import { CheckpointFolder } from "./loop/checkpoint.ts";
import { trainWithOneWayBack, wayTaken } from "../divergence.ts";
import type { WentBack } from "../divergence.ts";
import { prepareFineTuning } from "./loop/fine-tuning.ts";
import { breathe } from "../interruption.ts";
import { peakMemory, requireMemory } from "./loop/memory.ts";
import { Pacer } from "../pacer.ts";
import type { PreparedRun } from "./loop/prepared-run.ts";
import { preparePretraining } from "./loop/pretrain.ts";
import { ProgressReporter } from "../progress.ts";
import { Sampler } from "./loop/sampling.ts";
import { chooseProvider } from "./loop/provider.ts";
import { train } from "./loop/train.ts";
import { createProgram, describeMemory, estimateMemory, numericSettings, totalMemory } from "./program.ts";
import type { ProgramSpec, TrainingProgram } from "./program.ts";

export interface TrainingOptions {
  /** Progress, metrics and log lines; the result is returned, failures are thrown. */
  onEvent: (event: TrainerEvent) => void;
  /** Stops between steps; with `TrainingInterrupted` as its reason, after a checkpoint. */
  signal: AbortSignal;
  /** Number type of the matrices of a new model (recipe `pretrain`). */
  weightType?: ExportType;
  /** Milliseconds that samples may take by those that the steps took; see `loop/sampling.ts`. */
  sampleAllowance?: (trained: number) => number;
  /** How much of the time may be computed in; default: all. */
  pacer?: Pacer;
  /** Another way to make the program; for tests. */
  openProgram?: (spec: ProgramSpec) => Promise<TrainingProgram>;
}

/** Share of the steps between two validations where a job does not say. */
const validationsPerRun = 5;

/**
 * Runs one training job from its specification to exported files in the attempt's folder: the whole
 * work of a trainer process. Continues from a checkpoint that the folder may hold. Equal
 * specifications give equal bytes on one machine, whatever the number of threads.
 *
 * Errors: {@link HearthError} with a code that says what to change; the signal's reason.
 */
export async function runTraining(
  specification: TrainingSpecification,
  attempt: TrainingAttempt,
  options: TrainingOptions,
): Promise<TrainingResult> {
  const { signal } = options;
  try {
    return await run(specification, attempt, options);
  } catch (error) {
    // Streams report an abort in their own words.
    if (signal.aborted && error !== signal.reason) throw signal.reason;
    throw error;
  }
}

async function run(
  specification: TrainingSpecification,
  attempt: TrainingAttempt,
  {
    onEvent,
    signal,
    weightType = "F16",
    sampleAllowance,
    pacer = new Pacer(),
    openProgram = createProgram,
  }: TrainingOptions,
): Promise<TrainingResult> {
  const { parameters } = specification;
  const progress = new ProgressReporter(onEvent);
  progress.phase("preparing");
  const log = (line: string) => progress.log(line);
  const prepared =
    parameters.recipe === "pretrain"
      ? await preparePretraining(specification, attempt, log, signal, weightType)
      : await prepareFineTuning(specification, attempt, log, signal);
  const { settings, source, validation } = prepared;

  const batchSize = Math.min(prepared.sequencesPerBatch ?? parameters.batch_size, source.count);
  const lengths = batchLengths(source.lengths, validation?.lengths, {
    batchSize,
    limit: settings.sequenceLength,
  });
  const sequenceLength = lengths.at(-1) ?? settings.sequenceLength;
  const scoredPositions = mostScored([source, validation], batchSize, sequenceLength);
  const spec: ProgramSpec = {
    weights: prepared.weights,
    batchSize,
    sequenceLength,
    ...(scoredPositions === undefined ? {} : { scoredPositions }),
    train: prepared.train,
    optimizer: settings.optimizer,
    accumulate: parameters.gradient_accumulation,
    recompute: parameters.recompute === "layers",
    provider: await chooseProvider(parameters.provider),
    threads: settings.threads,
  };
  const needed = estimateMemory({ ...spec, lengths: lengths.length }, prepared.stored);
  requireMemory("This training", totalMemory(needed), attempt.memoryLimitBytes);
  log(describeMemory(needed));
  if (spec.recompute === true) log("The backward pass computes each layer again, to keep less in memory.");
  const plan = planSteps(source, { batchSize, lengths }, parameters.gradient_accumulation, parameters.epochs);
  log(`${plan.steps} steps of ${batchSize * plan.accumulate} sequences of ${lengths.join(", ")} tokens.`);

  const validationEvery =
    parameters.validation_every ?? Math.max(1, Math.ceil(plan.steps / validationsPerRun));
  const { checkpoint_every: checkpointEvery } = parameters;
  const checkpoints = new CheckpointFolder(
    attempt.folder,
    fingerprint(specification, weightType),
    checkpointEvery,
  );
  const wholeWay = async (wentBack: WentBack | null): Promise<TrainingResult> => {
    await breathe(signal);
    if (wentBack !== null) await checkpoints.discardAfter(wentBack.to);
    await using program = await openProgram(spec);
    const figures = await train(
      program,
      {
        plan,
        source,
        validation,
        peakLearningRate: settings.learningRate,
        warmupRatio: parameters.warmup_ratio,
        validationEvery,
        checkpointEvery,
        memoryLimitBytes: attempt.memoryLimitBytes,
        checkpoints,
        sampler: new Sampler({
          prompts: prepared.samplePrompts,
          every: parameters.sample_steps ?? validationEvery,
          steps: plan.steps,
          context: prepared.weights.shape.context,
          stops: prepared.controlTokens,
          decode: prepared.decode,
          progress,
          allowance: sampleAllowance,
        }),
        progress,
        pacer,
        wentBack,
      },
      signal,
    );

    progress.phase("exporting");
    await breathe(signal);
    const exported = await prepared.exportModel(program, attempt.folder);
    const probes = await probesOf(program, prepared, sequenceLength, progress, signal);
    await checkpoints.clear();
    return {
      ...exported,
      probes,
      metrics: {
        first_loss: figures.firstLoss ?? NaN,
        last_loss: figures.lastLoss ?? NaN,
        ...(figures.validationLoss === null ? {} : { validation_loss: figures.validationLoss }),
        tokens_per_second: figures.tokensPerSecond,
        trained_tokens: figures.trainedTokens,
        peak_memory_bytes: peakMemory(),
        steps: figures.step,
      },
      environment: { ...environment(spec), ...wayTaken(figures.wentBack) },
    };
  };
  return await trainWithOneWayBack(wholeWay, checkpointEvery, progress);
}

async function probesOf(
  program: Parameters<typeof greedyProbes>[0],
  prepared: PreparedRun,
  sequenceLength: number,
  progress: ProgressReporter,
  signal: AbortSignal,
): Promise<TrainingResult["probes"]> {
  const probes = await greedyProbes(
    program,
    {
      prompts: prepared.probePrompts,
      sequenceLength,
      controlTokens: prepared.controlTokens,
      margin: prepared.probeMargin,
    },
    async () => {
      progress.heartbeat();
      await breathe(signal);
    },
  );
  if (probes.length === 0) {
    throw new HearthError(
      "training_failed",
      `None of ${prepared.probePrompts.length} prompts has a continuation that the trained model clearly prefers, so the export cannot be checked. Train longer or with a higher learning_rate.`,
    );
  }
  return probes;
}

/**
 * Identifies what a checkpoint belongs to: everything that decides the numbers of a run, the trainer's own arithmetic,
 * too: a run of two of them could not be repeated. Samples, recomputed layers and how the trainer was chosen do not.
 */
function fingerprint(specification: TrainingSpecification, weightType: ExportType): string {
  const {
    threads: _threads,
    sample_steps: _steps,
    sample_prompts: _prompts,
    trainer: _trainer,
    recompute: _recompute,
    ...parameters
  } = specification.parameters;
  return createHash("sha256")
    .update(JSON.stringify({ ...specification, parameters, weightType, numericSettings }))
    .digest("hex");
}

function environment(spec: ProgramSpec): Record<string, string> {
  const require = createRequire(import.meta.url);
  const { version } = require("onnxruntime-node/package.json") as { version: string };
  return {
    trainer: "onnx",
    onnxruntime: version,
    node: process.version,
    platform: `${process.platform}-${process.arch}`,
    provider: spec.provider,
    threads: String(spec.threads),
    batch: `${spec.batchSize}x${spec.sequenceLength}`,
    numeric: JSON.stringify(numericSettings[spec.provider]),
  };
}
