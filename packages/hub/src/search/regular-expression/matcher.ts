import type { Program } from "./program.ts";
import { refusal } from "../refusal.ts";
import { contains, wordCharacters, type Assertion } from "./syntax.ts";

/** Places where the automaton may be, and what stood before them. */
interface State {
  places: readonly number[];
  atStart: boolean;
  afterWord: boolean;
  /** By code point; `matched` is the end of the search. */
  transitions: Map<number, State | "matched">;
  /** Whether the text may end here; unknown at first. */
  endsHere: boolean | undefined;
}

/** Places in the states and transitions that are kept, together; some megabytes. Beyond it they are built anew. */
const maxKept = 200_000;
/** Places looked at while nothing else of this process can run: about a fifth of a second. */
const maxWork = 20_000_000;

/**
 * Looks for a match anywhere in a text. Time is linear in the length of the text whatever the expression is: the
 * automaton is made deterministic as it is needed. An expression that needs ever more states is slow all the
 * same, by a factor of its own length; such a search is ended.
 */
export class Matcher {
  readonly #program: Program;
  #states = new Map<string, State>();
  #kept = 0;
  #work = 0;
  #first: State;

  constructor(program: Program) {
    this.#program = program;
    this.#first = this.#state([program.start], true, false);
  }

  /** @throws HearthError `invalid_request` when the searches of one turn of the event loop take too long together */
  matches(text: string): boolean {
    if (this.#kept > maxKept) this.#forget();
    let state = this.#first;
    for (let at = 0; at < text.length;) {
      const codePoint = text.codePointAt(at) ?? 0;
      let next = state.transitions.get(codePoint);
      if (next === undefined) {
        next = this.#step(state, codePoint);
        if (this.#kept <= maxKept) {
          state.transitions.set(codePoint, next);
          this.#kept += 1;
        }
      }
      if (next === "matched") return true;
      state = next;
      at += codePoint > 0xff_ff ? 2 : 1;
    }
    state.endsHere ??= this.#reach(state, undefined) === "matched";
    return state.endsHere;
  }

  #forget(): void {
    this.#states = new Map();
    this.#kept = 0;
    this.#first = this.#state([this.#program.start], true, false);
  }

  /** SQLite asks about one row after the other without a pause, so the work of a statement adds up. */
  #count(work: number): void {
    if (this.#work === 0) {
      queueMicrotask(() => {
        this.#work = 0;
      });
    }
    this.#work += work;
    if (this.#work > maxWork) {
      throw refusal("The regular expression takes too long on what is stored; use a simpler one.");
    }
  }

  #step(state: State, codePoint: number): State | "matched" {
    const reached = this.#reach(state, codePoint);
    if (reached === "matched") return "matched";
    // A match may begin at every character.
    const next = new Set([this.#program.start]);
    this.#count(reached.size);
    for (const place of reached) {
      const step = this.#program.steps[place];
      if (step?.kind === "characters" && contains(step.ranges, codePoint)) next.add(step.next);
    }
    return this.#state(
      [...next].toSorted((a, b) => a - b),
      false,
      contains(wordCharacters, codePoint),
    );
  }

  /** Every place that can be reached before the next character is read; undefined is the end of the text. */
  #reach(state: State, codePoint: number | undefined): Set<number> | "matched" {
    const beforeWord = codePoint !== undefined && contains(wordCharacters, codePoint);
    const border = beforeWord !== state.afterWord;
    const holds: Record<Assertion, boolean> = {
      start: state.atStart,
      end: codePoint === undefined,
      "word-border": border,
      "no-word-border": !border,
    };
    const reached = new Set<number>();
    const waiting = [...state.places];
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (reached.has(place)) continue;
      reached.add(place);
      const step = this.#program.steps[place];
      if (step === undefined || step.kind === "characters") continue;
      if (step.kind === "match") return "matched";
      if (step.kind === "split") waiting.push(...step.next);
      else if (holds[step.where]) waiting.push(step.next);
    }
    return reached;
  }

  #state(places: readonly number[], atStart: boolean, afterWord: boolean): State {
    const key = `${atStart ? "s" : ""}${afterWord ? "w" : ""}${places.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const state: State = { places, atStart, afterWord, transitions: new Map(), endsHere: undefined };
    if (this.#kept <= maxKept) {
      this.#states.set(key, state);
      this.#kept += places.length;
    }
    return state;
  }
}
