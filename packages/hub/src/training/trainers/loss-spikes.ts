import type { ProgressReporter } from "./progress.ts";

/** Steps that a loss is compared with. */
const windowSteps = 50;
/** With fewer, nothing is known of how the losses vary. */
const fewest = 20;
/** Makes a median absolute deviation the standard deviation of a normal distribution. */
const normal = 1.4826;
/** Deviations above the median. */
const tolerated = 8;
/** Of the median: losses that hardly vary at all spike by no smaller part. */
const leastPart = 0.1;

export interface LossSpike {
  median: number;
  /** What the loss was above. */
  threshold: number;
}

/**
 * Finds losses that stand out of those before: above median + 8 deviations of the last 50 steps, the deviation being
 * 1.4826 times the median absolute one. Medians bear the spikes that the window already holds (Rousseeuw and Croux,
 * "Alternatives to the Median Absolute Deviation", 1993). A spike that lasts is one spike.
 */
export class SpikeWatch {
  readonly #losses: number[];
  #spiking = false;

  /** `before`: the losses of the steps that were done already, oldest first. */
  constructor(before: readonly number[] = []) {
    this.#losses = before.slice(-windowSteps);
  }

  /** The spike that begins with this loss; null when none does. */
  add(loss: number): LossSpike | null {
    const spike = this.#compare(loss);
    const begins = spike !== null && !this.#spiking;
    this.#spiking = spike !== null;
    this.#losses.push(loss);
    if (this.#losses.length > windowSteps) this.#losses.shift();
    return begins ? spike : null;
  }

  #compare(loss: number): LossSpike | null {
    if (this.#losses.length < fewest) return null;
    const median = medianOf(this.#losses);
    const deviation = normal * medianOf(this.#losses.map((one) => Math.abs(one - median)));
    const threshold = median + Math.max(tolerated * deviation, leastPart * median);
    return loss > threshold ? { median, threshold } : null;
  }
}

/** Takes the loss of a step, and says so where a spike begins with it. */
export function reportSpike(
  spikes: SpikeWatch,
  { step, loss }: { step: number; loss: number },
  progress: Pick<ProgressReporter, "guard">,
): void {
  const spike = spikes.add(loss);
  if (spike === null) return;
  const [found, median, threshold] = [loss, spike.median, spike.threshold].map((one) => one.toFixed(4));
  progress.guard({
    kind: "loss_spike",
    action: "reported",
    step,
    message: `the loss is ${found}; the last steps' median is ${median}, and above ${threshold} is a spike. Nothing was changed; see whether it comes down again.`,
  });
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
