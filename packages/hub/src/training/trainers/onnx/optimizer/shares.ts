/** Numbers that the kernel takes at a time. */
export const lanes = 4;
/** Numbers whose squares are summed on their own: the same sums, however many threads make them. */
export const blockNumbers = 65_536;

/** Blocks that are worth a thread, which takes 20 MB and saves 1 ms for a million numbers: four million. */
const blocksOfThread = 64;
/** Two are twice as fast as one; memory is what they wait for, so many more would not help. Measured on two cores only. */
const mostThreads = 4;

/** Numbers from one place to before another, multiples of {@link lanes}. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Whole blocks for each thread, as many to each as to any other; as many threads as are worth it, at most those given. */
export function sharesOf(numbers: number, threads: number): Range[] {
  const blocks = Math.ceil(numbers / blockNumbers);
  const count = Math.max(1, Math.min(threads, mostThreads, Math.floor(blocks / blocksOfThread)));
  return Array.from({ length: count }, (_, index) => ({
    from: Math.floor((index * blocks) / count) * blockNumbers,
    to: Math.min(Math.floor(((index + 1) * blocks) / count) * blockNumbers, numbers),
  }));
}
