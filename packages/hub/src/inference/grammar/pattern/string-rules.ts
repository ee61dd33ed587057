import { characterClass, literal } from "../grammar.ts";
import type { Grammar } from "../grammar.ts";
import { jsonCharacterRule } from "../json-rules.ts";
import { complement, holds, intersection, plainCharacters } from "./character-set.ts";
import type { CharacterSet } from "./character-set.ts";
import type { TextAutomaton } from "./text-automaton.ts";

/** All that an automaton reads, when it takes every character. */
const every = JSON.stringify(complement([[0xd800, 0xdfff]]));

/** What has a short escape, and the character behind its backslash. */
const shortEscapes: readonly (readonly [code: number, letter: string])[] = [
  [0x22, '"'],
  [0x5c, "\\"],
  [0x08, "b"],
  [0x0c, "f"],
  [0x0a, "n"],
  [0x0d, "r"],
  [0x09, "t"],
];

/** An expression for the JSON strings, quotes included, whose text the automaton accepts. */
export function automatonExpression(grammar: Grammar, hint: string, automaton: TextAutomaton): string {
  const names = automaton.map(() => grammar.reserve(`${hint}-state`));
  for (const [index, { accepts, arrows }] of automaton.entries()) {
    const alternatives = arrows.map(({ set, target }) => `${charactersRule(grammar, set)} ${names[target]}`);
    if (accepts) alternatives.push(literal('"'));
    grammar.define(names[index] ?? "", alternatives.join(" | "));
  }
  return `${literal('"')} ${names[0]}`;
}

/** One character of the set as it stands in a JSON string. */
function charactersRule(grammar: Grammar, set: CharacterSet): string {
  if (JSON.stringify(set) === every) return jsonCharacterRule(grammar);
  const alternatives: string[] = [];
  const raw = intersection(set, plainCharacters);
  if (raw.length > 0) alternatives.push(characterClass(raw));
  const letters = shortEscapes
    .filter(([code]) => holds(set, code))
    .map(([, letter]) => letter.codePointAt(0) ?? 0);
  if (letters.length > 0)
    alternatives.push(`${literal("\\")} ${characterClass(letters.map((code) => [code, code]))}`);
  alternatives.push(...numberedEscapes(set));
  if (alternatives.length === 1 && raw.length > 0 && raw.length < 4) return alternatives.join("");
  return grammar.shared(`characters ${JSON.stringify(set)}`, () => alternatives.join(" | "));
}

/** Control characters without a short escape: `\u00` and two digits. */
function numberedEscapes(set: CharacterSet): string[] {
  return [0, 1].flatMap((high) => {
    const low = Array.from({ length: 16 }, (_, digit) => digit).filter((digit) => {
      const code = high * 16 + digit;
      return holds(set, code) && !shortEscapes.some(([short]) => short === code);
    });
    const digits = low.flatMap((digit) => {
      const [small, large] = [digit.toString(16), digit.toString(16).toUpperCase()];
      return [...new Set([small, large])].map((text) => text.codePointAt(0) ?? 0);
    });
    return digits.length === 0
      ? []
      : [`${literal(`\\u00${high}`)} ${characterClass(digits.map((code) => [code, code]))}`];
  });
}
