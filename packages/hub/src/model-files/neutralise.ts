import type { ControlTokens } from "./control-tokens.ts";
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
export function neutraliser(control: ControlTokens, inputs: readonly unknown[]): Neutraliser {
  const standIns = chooseStandIns(control, [control.tokens, ...inputs]);
  const originals = new Map([...standIns].map(([original, standIn]) => [standIn, original]));
  const hide = (text: string): string => hideIn(text, control, standIns);
  return {
    hideAll: (value) => hideRecord(value, hide),
    reveal: (text) => {
      if (!/\p{Co}/u.test(text)) return text;
      return Array.from(text, (character) => originals.get(character) ?? character).join("");
    },
  };
}

/** Deeper nesting is nothing a conversation needs, and would exhaust the stack. */
const maxDepth = 100;

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

function hideIn(text: string, control: ControlTokens, standIns: ReadonlyMap<string, string>): string {
  const at = control.startsIn(text);
  if (control.continuedBy(text)) at.add(0);
  if (at.size === 0) return text;
  let hidden = "";
  let index = 0;
  for (const character of text) {
    hidden += at.has(index) ? (standIns.get(character) ?? character) : character;
    index += character.length;
  }
  return hidden;
}

/** A stand-in for every character that a control token contains. */
function chooseStandIns(control: ControlTokens, inputs: readonly unknown[]): Map<string, string> {
  const used = privateUseIn(inputs);
  const standIns = new Map<string, string>();
  const free = freeCharacters(used);
  for (const character of control.characters) {
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

function privateUseIn(value: unknown, found = new Set<string>(), depth = 0): Set<string> {
  if (depth > maxDepth) throw new ModelFileInvalid(`The conversation is nested more than ${maxDepth} deep.`);
  if (typeof value === "string") {
    for (const [character] of value.matchAll(/\p{Co}/gu)) found.add(character);
  } else if (Array.isArray(value)) {
    for (const item of value) privateUseIn(item, found, depth + 1);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      privateUseIn(key, found);
      privateUseIn(item, found, depth + 1);
    }
  }
  return found;
}
