/**
 * A seeded generator (mulberry32) in 32-bit integer arithmetic: one seed gives one corpus on
 * every machine.
 */
export interface Random {
  /** A whole number in [0, bound). */
  below(bound: number): number;
  /** A whole number in [low, high]. */
  between(low: number, high: number): number;
  /** One item of a list that is not empty. */
  pick<T>(items: readonly T[]): T;
  /** `count` different items in random order; all of them when there are fewer. */
  sample<T>(items: readonly T[], count: number): T[];
  /** True `percent` times in a hundred. */
  chance(percent: number): boolean;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const below = (bound: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) {
      throw new Error("Nothing to pick from: the list is empty; give it at least one item.");
    }
    return items[below(items.length)] as T;
  };
  return {
    below,
    between: (low, high) => low + below(high - low + 1),
    pick,
    sample: (items, count) => {
      const rest = [...items];
      const taken = [];
      while (taken.length < count && rest.length > 0) taken.push(...rest.splice(below(rest.length), 1));
      return taken;
    },
    chance: (percent) => below(100) < percent,
  };
}
