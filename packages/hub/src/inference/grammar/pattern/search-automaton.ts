import { anyCharacter, holds } from "./character-set.ts";
import type { CharacterSet } from "./character-set.ts";
import { parsePattern, PatternProblem } from "./parse-pattern.ts";
import type { Pattern } from "./parse-pattern.ts";

export interface Arrow {
  set: CharacterSet;
  target: number;
}

interface State {
  arrows: Arrow[];
  /** Where it goes on without a character: always, only before the first one, only after the last one. */
  free: number[];
  atStart: number[];
  atEnd: number[];
}

const mostStates = 10_000;

/**
 * A nondeterministic automaton (Thompson, 1968) of the texts in which a pattern occurs, which is what JSON Schema
 * asks of `pattern`; `^` and `$` are steps that are free at the ends only. Its work is bounded by the lengths of
 * text and pattern, unlike that of a RegExp.
 */
export class SearchAutomaton {
  readonly #states: State[] = [];
  readonly #last: number;
  #built = 0;

  /** Errors: PatternProblem. */
  constructor(source: string) {
    const first = this.#state();
    this.#arrow(first, anyCharacter, first);
    this.#last = this.#build(parsePattern(source), first);
    this.#arrow(this.#last, anyCharacter, this.#last);
  }

  /** The states before the first character. */
  begin(): number[] {
    return this.#settled(this.#reach([0], (state) => state.atStart));
  }

  step(states: readonly number[], code: number): number[] {
    const targets = this.arrows(states).filter(({ set }) => holds(set, code));
    return this.enter(targets.map(({ target }) => target));
  }

  /** The ways on from these states. */
  arrows(states: readonly number[]): readonly Arrow[] {
    return states.flatMap((state) => this.#states[state]?.arrows ?? []);
  }

  /** The states behind arrows that were taken. */
  enter(targets: readonly number[]): number[] {
    return this.#settled(this.#reach(targets, () => []));
  }

  /** May the text end here? `atStart`: nothing was read yet. */
  accepts(states: readonly number[], atStart = false): boolean {
    return this.#reach(states, (state) =>
      atStart ? [...state.atEnd, ...state.atStart] : state.atEnd,
    ).includes(this.#last);
  }

  test(text: string): boolean {
    let states = this.begin();
    let empty = true;
    for (const character of text) {
      states = this.step(states, character.codePointAt(0) ?? 0);
      empty = false;
    }
    return this.accepts(states, empty);
  }

  /** Once the pattern was found nothing else matters any more. */
  #settled(states: number[]): number[] {
    return states.includes(this.#last) ? [this.#last] : states;
  }

  /** Adds what a pattern needs behind a state; gives the state behind it. */
  #build(pattern: Pattern, from: number): number {
    // Repetitions of nothing make no states and may still be many.
    if ((this.#built += 1) > 10 * mostStates) throw tooLarge();
    switch (pattern.kind) {
      case "set": {
        const target = this.#state();
        this.#arrow(from, pattern.set, target);
        return target;
      }
      case "sequence":
        return pattern.parts.reduce((state, part) => this.#build(part, state), from);
      case "choice": {
        const target = this.#state();
        for (const option of pattern.options) this.#free(this.#build(option, this.#fork(from)), target);
        return target;
      }
      case "repeat":
        return this.#repeat(pattern.of, pattern.min, pattern.max, from);
      case "start":
      case "end": {
        const target = this.#state();
        this.#states[from]?.[pattern.kind === "start" ? "atStart" : "atEnd"].push(target);
        return target;
      }
    }
  }

  #repeat(of: Pattern, min: number, max: number | null, from: number): number {
    let state = from;
    for (let count = 0; count < min; count++) state = this.#build(of, state);
    const target = this.#state();
    if (max === null) {
      const loop = this.#fork(state);
      this.#free(this.#build(of, loop), loop);
      this.#free(loop, target);
      return target;
    }
    for (let count = min; count < max; count++) {
      this.#free(state, target);
      state = this.#build(of, this.#fork(state));
    }
    this.#free(state, target);
    return target;
  }

  #state(): number {
    if (this.#states.length >= mostStates) throw tooLarge();
    return this.#states.push({ arrows: [], free: [], atStart: [], atEnd: [] }) - 1;
  }

  #fork(from: number): number {
    const state = this.#state();
    this.#free(from, state);
    return state;
  }

  #free(from: number, target: number): void {
    this.#states[from]?.free.push(target);
  }

  #arrow(from: number, set: CharacterSet, target: number): void {
    this.#states[from]?.arrows.push({ set, target });
  }

  /** These states and all that cost no character from them, in order. */
  #reach(from: readonly number[], alsoFree: (state: State) => readonly number[]): number[] {
    const reached = new Set(from);
    for (const index of reached) {
      const state = this.#states[index];
      if (state === undefined) continue;
      for (const target of state.free) reached.add(target);
      for (const target of alsoFree(state)) reached.add(target);
    }
    return [...reached].sort((one, other) => one - other);
  }
}

function tooLarge(): PatternProblem {
  return new PatternProblem("is too large when its repetitions are written out");
}
