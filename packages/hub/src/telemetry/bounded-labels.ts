/** What stands for every value beyond the bound. */
const others = "other";

/**
 * Gives the first so many different values back as they are, then one word for all the rest: each value
 * of a label is a series of its own, for as long as the process lives.
 */
export function boundedLabels(limit: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit) return others;
    known.add(value);
    return value;
  };
}
