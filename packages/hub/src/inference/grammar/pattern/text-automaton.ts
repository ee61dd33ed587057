import type { CharacterRange } from "../grammar.ts";
import { holds, lastCodePoint } from "./character-set.ts";
import type { CharacterSet } from "./character-set.ts";
import { PatternProblem } from "./parse-pattern.ts";
import type { Arrow, SearchAutomaton } from "./search-automaton.ts";

export interface TextState {
  /** The text may end here. */
  accepts: boolean;
  arrows: { set: CharacterSet; target: number }[];
}

/** A deterministic automaton from whose every state some text is still accepted; the first state is where it begins. */
export type TextAutomaton = readonly TextState[];

export interface LengthWindow {
  min: number;
  /** Null: any length. */
  max: number | null;
}

const limits = { states: 3000, steps: 400_000 };

/**
 * The texts that all of these accept and that have so many characters; null when there are none.
 * Errors: PatternProblem when it would take too many states.
 */
export function textAutomaton(all: readonly SearchAutomaton[], length: LengthWindow): TextAutomaton | null {
  const found = living(determine(all));
  if (found === null || everyLengthIn(found, length)) return found;
  return living(withLength(found, length));
}

/** Subset construction (Rabin and Scott, 1959) over all of them at once. */
function determine(all: readonly SearchAutomaton[]): TextState[] {
  const sets = [all.map((one) => one.begin())];
  // The beginning is not among the known: `^` may let it accept where the same set, reached later, does not.
  const known = new Map<string, number>();
  const states: TextState[] = [];
  let steps = 0;
  for (let index = 0; index < sets.length; index++) {
    const from = sets[index] ?? [];
    const arrows = all.map((one, which) => one.arrows(from[which] ?? []));
    const byTarget = new Map<number, CharacterRange[]>();
    for (const range of intervalsBetween(arrows.flat())) {
      steps += arrows.reduce((sum, some) => sum + some.length, 1);
      if (steps > limits.steps) throw tooManyStates();
      const reached = all.map((one, which) => {
        const taken = (arrows[which] ?? []).filter(({ set }) => holds(set, range[0]));
        return one.enter(taken.map((arrow) => arrow.target));
      });
      if (reached.some((part) => part.length === 0)) continue;
      const key = reached.join(";");
      let target = known.get(key);
      if (target === undefined) {
        target = sets.push(reached) - 1;
        if (target >= limits.states) throw tooManyStates();
        known.set(key, target);
      }
      appendRange(byTarget, target, range);
    }
    states.push({
      accepts: all.every((one, which) => one.accepts(from[which] ?? [], index === 0)),
      arrows: [...byTarget].map(([target, set]) => ({ set, target })),
    });
  }
  return states;
}

function appendRange(byTarget: Map<number, CharacterRange[]>, target: number, range: CharacterRange): void {
  const set = byTarget.get(target) ?? [];
  const previous = set.at(-1);
  if (previous !== undefined && previous[1] + 1 === range[0]) set[set.length - 1] = [previous[0], range[1]];
  else set.push(range);
  byTarget.set(target, set);
}

/** Ranges whose characters all arrows treat alike; without halves of surrogate pairs, which no JSON text of ours holds. */
function intervalsBetween(arrows: readonly Arrow[]): CharacterRange[] {
  const borders = arrows.flatMap(({ set }) => set.flatMap(([first, last]) => [first, last + 1]));
  const starts = [...new Set([0, 0xd800, 0xe000, ...borders])]
    .filter((at) => at <= lastCodePoint)
    .sort((one, other) => one - other);
  return starts
    .map((start, index): CharacterRange => [start, (starts[index + 1] ?? lastCodePoint + 1) - 1])
    .filter(([first]) => first < 0xd800 || first >= 0xe000);
}

/** The same automaton without the states from which nothing is accepted any more. */
function living(states: readonly TextState[]): TextAutomaton | null {
  const sources = states.map((): number[] => []);
  for (const [index, { arrows }] of states.entries()) {
    for (const { target } of arrows) sources[target]?.push(index);
  }
  const alive = new Set([...states.keys()].filter((index) => states[index]?.accepts));
  for (const index of alive) for (const source of sources[index] ?? []) alive.add(source);
  if (!alive.has(0)) return null;
  const number = new Map([...alive].sort((one, other) => one - other).map((old, index) => [old, index]));
  return [...number.keys()].map((old) => {
    const { accepts, arrows } = states[old] ?? { accepts: false, arrows: [] };
    return {
      accepts,
      arrows: arrows.flatMap(({ set, target }) => {
        const renamed = number.get(target);
        return renamed === undefined ? [] : [{ set, target: renamed }];
      }),
    };
  });
}

/** Is every accepted text inside of the window already, so that nobody has to count? */
function everyLengthIn(states: TextAutomaton, { min, max }: LengthWindow): boolean {
  return shortest(states) >= min && (max === null || longest(states) <= max);
}

function shortest(states: TextAutomaton): number {
  const distance = new Map([[0, 0]]);
  for (const [index, steps] of distance) {
    if (states[index]?.accepts) return steps;
    for (const { target } of states[index]?.arrows ?? [])
      if (!distance.has(target)) distance.set(target, steps + 1);
  }
  return Infinity;
}

/** Infinity as soon as there is a circle: every state leads to an accepted text. */
function longest(states: TextAutomaton): number {
  const incoming = states.map(() => 0);
  for (const { arrows } of states)
    for (const { target } of arrows) incoming[target] = (incoming[target] ?? 0) + 1;
  const steps = states.map(() => 0);
  const ready = [...states.keys()].filter((index) => incoming[index] === 0);
  for (const index of ready) {
    for (const { target } of states[index]?.arrows ?? []) {
      steps[target] = Math.max(steps[target] ?? 0, (steps[index] ?? 0) + 1);
      incoming[target] = (incoming[target] ?? 0) - 1;
      if (incoming[target] === 0) ready.push(target);
    }
  }
  return ready.length < states.length ? Infinity : Math.max(...steps);
}

/** Each state once for every number of characters read; without a largest number counting ends at the smallest. */
function withLength(states: TextAutomaton, { min, max }: LengthWindow): TextState[] {
  const counts = (max ?? min) + 1;
  const made: { state: number; count: number }[] = [{ state: 0, count: 0 }];
  const known = new Map([[0, 0]]);
  const counted: TextState[] = [];
  for (let index = 0; index < made.length; index++) {
    const { state, count } = made[index] ?? { state: 0, count: 0 };
    const { accepts, arrows } = states[state] ?? { accepts: false, arrows: [] };
    const next = max === null ? Math.min(count + 1, min) : count + 1;
    const inside = max === null || next <= max ? arrows : [];
    counted.push({
      accepts: accepts && count >= min,
      arrows: inside.map(({ set, target }) => {
        const key = target * counts + next;
        let copy = known.get(key);
        if (copy === undefined) {
          copy = made.push({ state: target, count: next }) - 1;
          if (copy >= limits.states) throw tooManyStates();
          known.set(key, copy);
        }
        return { set, target: copy };
      }),
    });
  }
  return counted;
}

function tooManyStates(): PatternProblem {
  return new PatternProblem(
    `takes more than ${limits.states} rules together with the lengths and other patterns beside it; anchor it with ^ and $, or ask for less`,
  );
}
