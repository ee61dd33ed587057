/** Of a bin's upper edge to its lower one: what is read back is at most 1 % off. */
const ratio = 1.02;
const logRatio = Math.log(ratio);
/** Everything smaller is as good as 0: a hundredth of a millisecond, or of a token. */
const smallest = 0.01;

/** How often values came, in bins that are as wide as their value asks for. Can be added up. */
export class Histogram {
  readonly #bins = new Map<number, number>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(value: number): void {
    this.#into(binOf(value), 1);
  }

  /** Adds all that another one holds, or takes it out again. */
  merge(other: Histogram, sign: 1 | -1 = 1): void {
    for (const [bin, count] of other.#bins) this.#into(bin, sign * count);
  }

  /** Values below which these shares of all are, 0 to 1, in ascending order (nearest rank); null of nothing. */
  quantiles(shares: readonly number[]): (number | null)[] {
    if (this.#count === 0) return shares.map(() => null);
    const bins = [...this.#bins].toSorted(([a], [b]) => a - b);
    let at = 0;
    let seen = bins[0]?.[1] ?? 0;
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(share * this.#count));
      while (seen < rank && at < bins.length - 1) seen += bins[++at]?.[1] ?? 0;
      return valueOf(bins[at]?.[0] ?? 0);
    });
  }

  #into(bin: number, count: number): void {
    const sum = (this.#bins.get(bin) ?? 0) + count;
    if (sum === 0) this.#bins.delete(bin);
    else this.#bins.set(bin, sum);
    this.#count += count;
  }
}

function binOf(value: number): number {
  return value < smallest ? 0 : 1 + Math.floor(Math.log(value / smallest) / logRatio);
}

/** The middle of a bin, as ratios go. */
function valueOf(bin: number): number {
  return bin === 0 ? 0 : smallest * ratio ** (bin - 0.5);
}
