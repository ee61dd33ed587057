import type { TrainingParameters } from "@hearth/wire/hub/training";
import { availableParallelism } from "node:os";
import { HearthError } from "../../../../errors.ts";
import { defaultAlpha, defaultLearningRate, defaultSequenceLength } from "../../../defaults.ts";
import type { OptimizerSettings } from "../program.ts";

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
  const sequenceLength = parameters.sequence_length ?? defaultSequenceLength(context);
  if (context !== undefined && sequenceLength > context) {
    throw new HearthError(
      "invalid_request",
      `sequence_length is ${sequenceLength}; the base model's context is ${context}. Give at most that.`,
      { details: { field: "sequence_length", value: sequenceLength, maximum: context } },
    );
  }
  return {
    learningRate: parameters.learning_rate ?? defaultLearningRate[parameters.recipe],
    alpha: parameters.lora_alpha ?? defaultAlpha(parameters.lora_rank),
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
