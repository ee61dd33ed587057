/** The rate at the end of a run, as a part of the peak. */
const finalPart = 0.1;

export interface Schedule {
  peak: number;
  steps: number;
  /** Part of the steps in which the rate rises from 0 to the peak. */
  warmupRatio: number;
}

/**
 * Learning rate of a step (1-based): a linear rise, then half a cosine down to 10 % of the peak at
 * the last step (Loshchilov and Hutter, "SGDR", 2017, without restarts).
 */
export function learningRate(schedule: Schedule, step: number): number {
  const warmup = Math.round(schedule.steps * schedule.warmupRatio);
  if (step <= warmup) return (schedule.peak * step) / warmup;
  const span = Math.max(1, schedule.steps - warmup - 1);
  const part = Math.min(1, (step - warmup - 1) / span);
  return schedule.peak * (finalPart + (1 - finalPart) * 0.5 * (1 + Math.cos(Math.PI * part)));
}
