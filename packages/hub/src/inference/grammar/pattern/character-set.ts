import type { CharacterRange } from "../grammar.ts";

/** A set of code points: ranges in order, with gaps between them. */
export type CharacterSet = readonly CharacterRange[];

export const lastCodePoint = 0x10_ffff;

export const anyCharacter: CharacterSet = [[0, lastCodePoint]];

/** The set of all these ranges, in whatever order they come. */
export function characterSet(ranges: readonly CharacterRange[]): CharacterSet {
  const set: [number, number][] = [];
  for (const [first, last] of [...ranges].sort(([one], [other]) => one - other)) {
    const previous = set.at(-1);
    if (previous !== undefined && first <= previous[1] + 1) previous[1] = Math.max(previous[1], last);
    else set.push([first, last]);
  }
  return set;
}

export function complement(set: CharacterSet): CharacterSet {
  const rest: CharacterRange[] = [];
  let from = 0;
  for (const [first, last] of set) {
    if (first > from) rest.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= lastCodePoint) rest.push([from, lastCodePoint]);
  return rest;
}

export function intersection(one: CharacterSet, other: CharacterSet): CharacterSet {
  return complement(characterSet([...complement(one), ...complement(other)]));
}

export function holds(set: CharacterSet, code: number): boolean {
  return set.some(([first, last]) => first <= code && code <= last);
}

const digits: CharacterSet = [[0x30, 0x39]];
const word = characterSet([...digits, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]);
const lineEnds = characterSet([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);
/** ECMA-262, WhiteSpace and LineTerminator. */
const space = characterSet([
  ...lineEnds,
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
]);

/** What `.` stands for. */
export const notLineEnd = complement(lineEnds);

/** What the letter behind a backslash stands for, where it stands for many characters. */
export const classEscapes: ReadonlyMap<string, CharacterSet> = new Map([
  ["d", digits],
  ["D", complement(digits)],
  ["w", word],
  ["W", complement(word)],
  ["s", space],
  ["S", complement(space)],
]);

/** What stands in a JSON string as itself: all but control characters, the quote, the backslash and halves of pairs. */
export const plainCharacters: CharacterSet = complement(
  characterSet([
    [0, 0x1f],
    [0x22, 0x22],
    [0x5c, 0x5c],
    [0xd800, 0xdfff],
  ]),
);
