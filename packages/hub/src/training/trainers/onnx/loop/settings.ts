import type { TrainingParameters } from "@hearth/wire/hub/training";
import { availableParallelism } from "node:os";
import { HearthError } from "../../../../errors.ts";
import type { OptimizerSettings } from "../program.ts";

/**
 * Peak learning rates where a job names none: low-rank adapters start from zero and bear a high one;
 * a model that has been trained is easily spoilt; one that has not must travel far.
 */
const defaultRates = { lora: 2e-3, full: 3e-4, pretrain: 3e-3 } as const;

/** Longest sequence where a job names none: attention's memory grows with its square. */
const defaultSequenceLength = 512;

/** Everything that the loop needs from a job's parameters, with no value left open. */
export interface LoopSettings {
  learningRate: number;
  alpha: number;
  /** Most inputs that a sequence may have. */
  sequenceLength: number;
  threads: number;
  optimizer: OptimizerSettings;
}

/**
 * Fills what the job left open.
 *
 * Errors: `invalid_request` when the sequence length is beyond the model's context.
 */
export function loopSettings(
  parameters: TrainingParameters,
  context: number | undefined,
  offeredThreads: number,
): LoopSettings {
  const sequenceLength =
    parameters.sequence_length ?? Math.min(context ?? defaultSequenceLength, defaultSequenceLength);
  if (context !== undefined && sequenceLength > context) {
    throw new HearthError(
      "invalid_request",
      `sequence_length is ${sequenceLength}; the base model's context is ${context}. Give at most that.`,
      { details: { field: "sequence_length", value: sequenceLength, maximum: context } },
    );
  }
  return {
    learningRate: parameters.learning_rate ?? defaultRates[parameters.recipe],
    alpha: parameters.lora_alpha ?? 2 * parameters.lora_rank,
    sequenceLength,
    threads: Math.min(parameters.threads ?? offeredThreads, availableParallelism()),
    optimizer: {
      beta1: 0.9,
      // Runs here are short: second moments over about a hundred steps.
      beta2: 0.99,
      epsilon: 1e-8,
      weightDecay: parameters.weight_decay,
      clipNorm: parameters.clip_norm,
    },
  };
}
