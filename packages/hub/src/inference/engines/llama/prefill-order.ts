/** A request whose prompt is not taken in yet. */
export interface Unfinished {
  /** Prompt tokens that are missing. */
  readonly waiting: number;
}

/**
 * Whose prompt a piece is taken from in this round: every other round the one that came first, so
 * that it goes on whatever comes after it; in between the one with the least left, so that a short
 * prompt never waits for a long one to end. `all` are in the order in which they came.
 */
export function nextToTakeIn<T extends Unfinished>(all: readonly T[], round: number): T | undefined {
  const unfinished = all.filter(({ waiting }) => waiting > 0);
  return round % 2 === 0 ? unfinished[0] : unfinished.toSorted((a, b) => a.waiting - b.waiting)[0];
}
