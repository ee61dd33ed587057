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

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}
