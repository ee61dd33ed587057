import { characterClass } from "./grammar.ts";
import type { Grammar } from "./grammar.ts";

/**
 * The name of a rule for any text, the empty one too, in which none of these texts occurs; nothing given: any
 * text at all. What follows the rule may complete what its text began: `anyBut("aa")` and then `"aa"` match
 * `aaa`. {@link throughFirst} is exact about that.
 */
export function anyBut(grammar: Grammar, ...texts: string[]): string {
  return automatonRules(grammar, "free", texts, "never");
}

/** The name of a rule for any text that ends with the first occurrence of any of these texts. */
export function throughFirst(grammar: Grammar, ...texts: string[]): string {
  if (texts.length === 0) throw new Error("throughFirst needs a text to end with");
  return automatonRules(grammar, "through", texts, "ends");
}

/**
 * One rule for each state of the automaton that searches for all texts at once (Aho and Corasick, 1975). A
 * state is what was read last and may still become one of the texts; where one is complete the text ends, or it is none of the rule's.
 */
function automatonRules(
  grammar: Grammar,
  hint: string,
  texts: readonly string[],
  found: "never" | "ends",
): string {
  if (texts.some((text) => text === "")) throw new Error("every text holds the empty text");
  const key = `${hint} ${JSON.stringify(texts)}`;
  return grammar.shared(key, () => {
    const spelled = texts.map((text) => Array.from(text.toWellFormed()));
    const states = searchStates(spelled);
    const alphabet = [...new Set(spelled.flat())];
    const names = states.map((state) => (state.complete ? "" : grammar.reserve(hint)));
    for (const [index, state] of states.entries()) {
      if (state.complete) continue;
      const onwards = alphabet
        .map((character) => ({ character, target: step(states, index, character) }))
        .filter(({ target }) => target !== 0);
      const alternatives = [`${oneOf(onwards, true)} ${names[0]}`];
      for (const [target, arrows] of Map.groupBy(onwards, (arrow) => arrow.target)) {
        if (!states[target]?.complete) alternatives.push(`${oneOf(arrows)} ${names[target]}`);
        else if (found === "ends") alternatives.push(oneOf(arrows));
      }
      if (found === "never") alternatives.push('""');
      grammar.define(names[index] ?? "", alternatives.join(" | "));
    }
    return names[0] ?? "";
  });
}

function oneOf(arrows: readonly { character: string }[], not = false): string {
  if (not && arrows.length === 0) return ".";
  const points = arrows.map(({ character }) => character.codePointAt(0) ?? 0);
  return characterClass(
    points.map((point) => [point, point]),
    not,
  );
}

interface SearchState {
  next: Map<string, number>;
  /** The state of the longest proper ending of what was read. */
  fallback: number;
  /** One of the texts ends here. */
  complete: boolean;
}

function searchStates(texts: readonly string[][]): SearchState[] {
  const start: SearchState = { next: new Map(), fallback: 0, complete: false };
  const states = [start];
  for (const text of texts) {
    let state = start;
    for (const character of text) {
      let target = state.next.get(character);
      if (target === undefined) {
        target = states.push({ next: new Map(), fallback: 0, complete: false }) - 1;
        state.next.set(character, target);
      }
      state = states[target] ?? start;
    }
    state.complete = true;
  }
  const queue = [...start.next.values()];
  for (const index of queue) {
    const state = states[index] ?? start;
    state.complete ||= states[state.fallback]?.complete ?? false;
    for (const [character, target] of state.next) {
      const reached = states[target];
      if (reached !== undefined) reached.fallback = step(states, state.fallback, character);
      queue.push(target);
    }
  }
  return states;
}

function step(states: readonly SearchState[], from: number, character: string): number {
  for (let index = from; ; index = states[index]?.fallback ?? 0) {
    const target = states[index]?.next.get(character);
    if (target !== undefined) return target;
    if (index === 0) return 0;
  }
}
