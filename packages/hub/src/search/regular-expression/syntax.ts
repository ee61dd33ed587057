/** A set of characters: pairs of code points, both inclusive, sorted, not touching. */
export type Ranges = readonly (readonly [number, number])[];

/** What an expression is made of. */
export type Node =
  | { kind: "characters"; ranges: Ranges }
  | { kind: "assertion"; where: Assertion }
  | { kind: "sequence"; nodes: readonly Node[] }
  | { kind: "either"; nodes: readonly Node[] }
  /** `most` is Infinity where there is no bound. */
  | { kind: "repeat"; node: Node; least: number; most: number };

export type Assertion = "start" | "end" | "word-border" | "no-word-border";

export const lastCodePoint = 0x10_ff_ff;
export const digits: Ranges = [[48, 57]];
export const wordCharacters: Ranges = [
  [48, 57],
  [65, 90],
  [95, 95],
  [97, 122],
];
/** Tab to carriage return, and the space. */
export const spaces: Ranges = [
  [9, 13],
  [32, 32],
];

/** Sorted and merged. */
export function normalise(ranges: Ranges): Ranges {
  const merged: [number, number][] = [];
  for (const [first, last] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const previous = merged.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else merged.push([first, last]);
  }
  return merged;
}

/** Every other character. */
export function complement(ranges: Ranges): Ranges {
  const others: [number, number][] = [];
  let next = 1;
  for (const [first, last] of normalise(ranges)) {
    if (first > next) others.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= lastCodePoint) others.push([next, lastCodePoint]);
  return others;
}

/** With the letters A–Z and a–z of the other case. */
export function ignoringCase(ranges: Ranges): Ranges {
  const more: [number, number][] = ranges.map(([first, last]) => [first, last]);
  for (const [first, last] of ranges) {
    const upper: [number, number] = [Math.max(first, 65), Math.min(last, 90)];
    const lower: [number, number] = [Math.max(first, 97), Math.min(last, 122)];
    if (upper[0] <= upper[1]) more.push([upper[0] + 32, upper[1] + 32]);
    if (lower[0] <= lower[1]) more.push([lower[0] - 32, lower[1] - 32]);
  }
  return normalise(more);
}

export function contains(ranges: Ranges, codePoint: number): boolean {
  return ranges.some(([first, last]) => codePoint >= first && codePoint <= last);
}
