import type { RecipeName } from "@hearth/wire/hub/training";

/**
 * Peak learning rates where a job names none. They suit the small models that a machine
 * without a GPU trains: low-rank updates start from zero and bear a high one; a model that has
 * been trained is easily spoilt; one that has not must travel far, and its norm is clipped.
 */
export const defaultLearningRate: Record<RecipeName, number> = { lora: 2e-3, full: 5e-4, pretrain: 2e-3 };

/** Tokens a row may have where the job does not say: attention's memory grows with its square. */
export function defaultSequenceLength(context: number | null | undefined): number {
  return Math.min(context ?? 512, 512);
}

/** An adapter's scale is alpha/rank; twice the rank keeps it at 2 whatever the rank. */
export function defaultAlpha(rank: number): number {
  return 2 * rank;
}
