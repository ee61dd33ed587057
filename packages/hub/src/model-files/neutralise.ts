import { ModelFileInvalid } from "./invalid.ts";

/** Private-use characters of Unicode: no text assigns them a meaning, so they can stand in for others. */
const privateUse: readonly (readonly [first: number, last: number])[] = [
  [0xe000, 0xf8ff],
  [0xf0000, 0xffffd],
];

export interface Neutraliser {
  /** The same value with every control token in its strings and keys broken up. */
  hideAll(value: Readonly<Record<string, unknown>>): Record<string, unknown>;
  /** Gives the original characters back. */
  reveal(text: string): string;
}

/**
 * Makes control tokens in text from outside harmless while a template is rendered: the first
 * character of each is replaced by a stand-in that occurs nowhere in `inputs`. The same happens where
 * text begins or ends with a part of a control token, which could be completed by what the template
 * writes beside it. Lengths stay as they were.
 */
export function neutraliser(special: readonly string[], inputs: readonly unknown[]): Neutraliser {
  const standIns = chooseStandIns(special, inputs);
  const originals = new Map([...standIns].map(([original, standIn]) => [standIn, original]));
  const hide = (text: string): string => hideIn(text, special, standIns);
  return {
    hideAll: (value) => hideRecord(value, hide),
    reveal: (text) =>
      Array.from(text)
        .map((character) => originals.get(character) ?? character)
        .join(""),
  };
}

function hideRecord(
  value: Readonly<Record<string, unknown>>,
  hide: (text: string) => string,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [hide(key), hideValue(item, hide)]));
}

function hideValue(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === "string") return hide(value);
  if (Array.isArray(value)) return value.map((item) => hideValue(item, hide));
  if (typeof value === "object" && value !== null) return hideRecord({ ...value }, hide);
  return value;
}

function hideIn(text: string, special: readonly string[], standIns: ReadonlyMap<string, string>): string {
  const at = new Set<number>();
  for (const token of special) {
    for (let index = text.indexOf(token); index >= 0; index = text.indexOf(token, index + 1)) at.add(index);
    const start = partAtEnd(text, token);
    if (start !== undefined) at.add(start);
    if (beginsWithRest(text, token)) at.add(0);
  }
  if (at.size === 0) return text;
  let hidden = "";
  let index = 0;
  for (const character of text) {
    hidden += at.has(index) ? (standIns.get(character) ?? character) : character;
    index += character.length;
  }
  return hidden;
}

/** Where the longest proper beginning of `token` starts that `text` ends with. */
function partAtEnd(text: string, token: string): number | undefined {
  for (let length = Math.min(token.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(token.slice(0, length))) return text.length - length;
  }
  return undefined;
}

/** Whether `text` begins with a proper ending of `token`. */
function beginsWithRest(text: string, token: string): boolean {
  for (let start = 1; start < token.length; start++) {
    if (text.startsWith(token.slice(start))) return true;
  }
  return false;
}

/** A stand-in for every character that a control token contains. */
function chooseStandIns(special: readonly string[], inputs: readonly unknown[]): Map<string, string> {
  const wanted = new Set(Array.from(special.join("")));
  const used = privateUseIn(inputs);
  const standIns = new Map<string, string>();
  const free = freeCharacters(used);
  for (const character of wanted) {
    const standIn = free.next();
    if (standIn.done === true)
      throw new ModelFileInvalid("The conversation uses every private-use character of Unicode.");
    standIns.set(character, standIn.value);
  }
  return standIns;
}

function* freeCharacters(used: ReadonlySet<string>): Generator<string, undefined> {
  for (const [first, last] of privateUse) {
    for (let code = first; code <= last; code++) {
      const character = String.fromCodePoint(code);
      if (!used.has(character)) yield character;
    }
  }
  return undefined;
}

function privateUseIn(value: unknown, found = new Set<string>()): Set<string> {
  if (typeof value === "string") {
    for (const [character] of value.matchAll(/\p{Co}/gu)) found.add(character);
  } else if (Array.isArray(value)) {
    for (const item of value) privateUseIn(item, found);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      privateUseIn(key, found);
      privateUseIn(item, found);
    }
  }
  return found;
}
