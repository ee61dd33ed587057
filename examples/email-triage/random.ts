/**
 * A small seeded generator (mulberry32): the same seed gives the same rows on every machine.
 * Integer arithmetic only, so no platform can round differently.
 */
export interface Random {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** One item of a list that is not empty. */
  pick<T>(items: readonly T[]): T;
  /** True `percent` times in a hundred. */
  chance(percent: number): boolean;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound: number): number => next() % bound;
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined)
        throw new Error("Nothing to pick from: the list is empty; give it at least one item.");
      return item;
    },
    chance: (percent) => below(100) < percent,
  };
}
