import type { Random } from "./random.ts";

export type WordLists = Readonly<Record<string, readonly string[]>>;

/**
 * Writes sentences from patterns for one document.
 *
 * `[a|b|]` is one of the alternatives (they nest, one may be empty); `{slot}` is a word of a
 * list that stays the same for the whole document; `{~slot}` is drawn anew each time. Drawn
 * words may hold patterns themselves.
 */
export interface Phrasebook {
  (pattern: string): string;
  /** Fixes a slot for the rest of the document. */
  set(slot: string, word: string): void;
}

export function phrasebook(lists: WordLists, random: Random): Phrasebook {
  const remembered = new Map<string, string>();
  const word = (slot: string): string => {
    const again = slot.startsWith("~");
    const name = again ? slot.slice(1) : slot;
    const known = remembered.get(name);
    if (known !== undefined && !again) return known;
    const list = lists[name];
    if (list === undefined) {
      throw new Error(
        `A pattern names the slot {${name}}, which has no word list; add the list or correct the name.`,
      );
    }
    const drawn = expand(random.pick(list));
    if (!again) remembered.set(name, drawn);
    return drawn;
  };
  const expand = (pattern: string): string => {
    let text = pattern;
    // Innermost groups first, so that alternatives may hold alternatives.
    for (let group = innermost.exec(text); group !== null; group = innermost.exec(text)) {
      const choice = random.pick((group[1] ?? "").split("|"));
      text = text.slice(0, group.index) + choice + text.slice(group.index + group[0].length);
    }
    return text.replaceAll(/\{(~?\w+)\}/gu, (_, slot: string) => word(slot));
  };
  const phrase = (pattern: string): string => tidy(expand(pattern));
  return Object.assign(phrase, { set: (slot: string, value: string) => void remembered.set(slot, value) });
}

const innermost = /\[([^[\]]*)\]/u;

/** Right articles, single spaces, a capital at the start of each sentence. */
export function tidy(text: string): string {
  return text
    .replaceAll(/\b([Aa]) (?=[aeiou](?!ne\b|se|ni))/gu, "$1n ")
    .replaceAll(/ {2,}/gu, " ")
    .replaceAll(/ ([.,!?;:])/gu, "$1")
    .trim()
    .replaceAll(/(^|[.!?] )([a-z])/gu, (_, before: string, letter: string) => before + letter.toUpperCase());
}

/** A list in words: "a", "a and b", "a, b and c". */
export function listed(items: readonly string[], joint = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${joint} ${items.at(-1)}`;
}
