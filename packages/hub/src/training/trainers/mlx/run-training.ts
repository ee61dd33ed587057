import { HearthError } from "../../../errors.ts";
import { defaultAlpha, defaultLearningRate, defaultSequenceLength } from "../../defaults.ts";
import { slowerBy, trainWithOneWayBack, wayTaken, type WentBack } from "../divergence.ts";
import type { RunTraining } from "../trainer-process.ts";
import type { TrainingSpecification } from "../trainer.ts";
import { exportForGguf } from "./export-for-gguf.ts";
import { MemoryExceeded, PythonProcess, type PythonResult } from "./python-process.ts";
import { ToldProgress } from "./told-progress.ts";

/** The environment that `hearth mlx install` makes, as far as the trainer needs it. */
export interface MlxPython {
  interpreter: string;
  device: string;
}

/**
 * Runs one job in the Python of an environment with mlx-lm; a run that is put back goes on in another process, for the
 * first one's weights are spoilt. `onStart` gets each, to look after it.
 */
export function mlxTraining(python: MlxPython, onStart: (started: PythonProcess) => void): RunTraining {
  return async (specification, attempt, { onEvent, signal, pacer }) => {
    const progress = new ToldProgress(onEvent);
    const job = { folder: attempt.folder, slower_by: slowerBy, ...jobOf(specification) };
    const way = async (wentBack: WentBack | null): Promise<PythonResult> => {
      signal.throwIfAborted();
      const process = new PythonProcess({
        ...python,
        threads: attempt.threads,
        memoryLimitBytes: attempt.memoryLimitBytes,
        folder: attempt.folder,
        job: { ...job, went_back: wentBack },
        onMessage: (message) => progress.take(message),
      });
      onStart(process);
      return await process.result(signal, pacer);
    };
    const { checkpoint_every: checkpointEvery } = specification.parameters;
    const result = await trainWithOneWayBack(way, checkpointEvery, progress).catch((error: unknown) => {
      if (error instanceof MemoryExceeded) {
        const message = error.message.slice(0, 1000);
        progress.guard({ kind: "memory", action: "stopped", step: progress.step, message });
      }
      throw error;
    });
    const { probes } = checkable(result);
    const { path = "" } = specification.base ?? {};
    const others = await exportForGguf(attempt.folder, path, probes, (line) =>
      onEvent({ type: "log", line }),
    );
    return {
      engineFile: "adapters.safetensors",
      files: ["adapters.safetensors", "adapter_config.json", ...others],
      kind: "adapter",
      probes,
      metrics: {
        first_loss: result.first_loss,
        last_loss: result.last_loss,
        ...(result.validation_loss === null ? {} : { validation_loss: result.validation_loss }),
        tokens_per_second: result.tokens_per_second,
        trained_tokens: result.trained_tokens,
        peak_memory_bytes: result.peak_memory_bytes,
        steps: result.steps,
      },
      environment: {
        trainer: "mlx",
        platform: `${globalThis.process.platform}-${globalThis.process.arch}`,
        node: globalThis.process.version,
        ...result.environment,
        ...wayTaken(result.went_back),
      },
    };
  };
}

/** A run of which nothing can be compared with the engine could have gone wrong unseen. */
function checkable(result: PythonResult): PythonResult {
  if (result.probes.length > 0) return result;
  throw new HearthError(
    "training_failed",
    "No prompt has a continuation that the trained model clearly prefers, so the export cannot be checked. Train longer or with a higher learning_rate.",
  );
}

/** The script's first line; `defines` is everything that decides the numbers of a run. */
function jobOf({ parameters, base, dataset }: TrainingSpecification): Record<string, unknown> {
  if (base === null) throw new HearthError("invalid_request", "The mlx trainer needs a base model.");
  const complete = {
    ...parameters,
    learning_rate: parameters.learning_rate ?? defaultLearningRate[parameters.recipe],
    lora_alpha: parameters.lora_alpha ?? defaultAlpha(parameters.lora_rank),
    sequence_length: parameters.sequence_length ?? defaultSequenceLength(null),
  };
  // Threads and samples change no number of it; neither does the way that the trainer was chosen.
  const {
    threads: _threads,
    sample_steps: _steps,
    sample_prompts: _prompts,
    trainer: _trainer,
    ...deciding
  } = complete;
  return {
    base: base.path,
    train: dataset.train,
    validation: dataset.validation,
    format: dataset.format,
    parameters: complete,
    defines: { parameters: deciding, base: base.sha256, dataset },
  };
}
