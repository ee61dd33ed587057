import { characterSet, classEscapes, complement, notLineEnd } from "./character-set.ts";
import type { CharacterSet } from "./character-set.ts";

/** A regular expression without what makes it more than regular. */
export type Pattern =
  | { kind: "set"; set: CharacterSet }
  | { kind: "sequence"; parts: Pattern[] }
  | { kind: "choice"; options: Pattern[] }
  /** `max` null: without end. */
  | { kind: "repeat"; of: Pattern; min: number; max: number | null }
  /** `^` and `$`: nothing, at the beginning or the end of the text. */
  | { kind: "start" }
  | { kind: "end" };

/** Why a pattern cannot be used; the message is the end of a sentence about it. */
export class PatternProblem extends Error {}

const limits = { length: 2000, depth: 40, repetitions: 2000 };

/**
 * Reads a regular expression as ECMA-262 does with the flag `u`, which JSON Schema asks for; needless escapes and
 * brackets that stand alone are forgiven, as they are without the flag.
 * Errors: PatternProblem.
 */
export function parsePattern(source: string): Pattern {
  if (source.length > limits.length) {
    throw new PatternProblem(`is ${source.length} characters long; the most are ${limits.length}`);
  }
  return new PatternParser(source).parse();
}

class PatternParser {
  readonly #characters: string[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#characters = Array.from(source);
  }

  parse(): Pattern {
    const pattern = this.#choice();
    if (this.#at < this.#characters.length) throw this.#problem("has a closing bracket too many");
    return pattern;
  }

  #choice(): Pattern {
    if ((this.#depth += 1) > limits.depth) throw this.#problem("has too many groups in each other");
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    this.#depth -= 1;
    return options.length === 1 && options[0] !== undefined ? options[0] : { kind: "choice", options };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    for (let next = this.#next; next !== undefined && next !== "|" && next !== ")"; next = this.#next) {
      parts.push(this.#repeated(this.#atom(), next === "^" || next === "$"));
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "sequence", parts };
  }

  #repeated(of: Pattern, border: boolean): Pattern {
    const bounds = this.#quantifier();
    if (bounds === null) return of;
    if (border) throw this.#problem("repeats ^ or $");
    const [min, max] = bounds;
    if (max !== null && max < min) throw this.#problem(`asks for at least ${min} and at most ${max}`);
    if (Math.max(min, max ?? 0) > limits.repetitions) {
      throw this.#problem(`repeats something more than ${limits.repetitions} times`);
    }
    this.#take("?");
    return { kind: "repeat", of, min, max };
  }

  #quantifier(): [min: number, max: number | null] | null {
    if (this.#take("*")) return [0, null];
    if (this.#take("+")) return [1, null];
    if (this.#take("?")) return [0, 1];
    if (this.#next !== "{") return null;
    const ahead = this.#characters.slice(this.#at, this.#at + 24).join("");
    const braces = /^\{(?<min>\d+)(?<comma>,(?<max>\d*))?\}/.exec(ahead);
    // Anything else that begins with a brace stands for itself.
    if (braces === null) return null;
    this.#at += braces[0].length;
    const { min, comma, max } = braces.groups ?? {};
    return [Number(min), comma === undefined ? Number(min) : max === "" ? null : Number(max)];
  }

  #atom(): Pattern {
    const character = this.#advance();
    switch (character) {
      case "^":
        return { kind: "start" };
      case "$":
        return { kind: "end" };
      case ".":
        return { kind: "set", set: notLineEnd };
      case "[":
        return { kind: "set", set: this.#class() };
      case "(":
        return this.#group();
      case "\\":
        return { kind: "set", set: this.#escape(false) };
      case "*":
      case "+":
      case "?":
        throw this.#problem(`has a "${character}" with nothing before it`);
      default:
        return { kind: "set", set: only(character) };
    }
  }

  #group(): Pattern {
    if (this.#take("?")) {
      const named = /^<[A-Za-z_$][\w$]*>/.exec(this.#characters.slice(this.#at, this.#at + 64).join(""));
      if (named !== null) this.#at += named[0].length;
      else if (!this.#take(":")) {
        throw this.#problem("looks ahead or back, or sets flags inside of itself, which a grammar cannot");
      }
    }
    const inside = this.#choice();
    if (!this.#take(")")) throw this.#problem("has a group without an end");
    return inside;
  }

  #class(): CharacterSet {
    const not = this.#take("^");
    const members: CharacterSet[] = [];
    while (!this.#take("]")) {
      const first = this.#classMember();
      const last = this.#next === "-" && this.#characters[this.#at + 1] !== "]" ? this.#rangeEnd() : null;
      if (last === null) members.push(first);
      else
        members.push([
          range(first, last) ?? this.#fail("has a range that runs backwards or ends in a class"),
        ]);
    }
    const set = characterSet(members.flat());
    return not ? complement(set) : set;
  }

  #rangeEnd(): CharacterSet {
    this.#at += 1;
    return this.#classMember();
  }

  #classMember(): CharacterSet {
    const character = this.#advance();
    return character === "\\" ? this.#escape(true) : only(character);
  }

  #escape(inClass: boolean): CharacterSet {
    const letter = this.#advance();
    const many = classEscapes.get(letter);
    if (many !== undefined) return many;
    const control = controlEscapes.get(letter);
    if (control !== undefined) return only(control);
    if (letter === "b" && inClass) return only("\b");
    if (letter === "0" && !/\d/.test(this.#next ?? "")) return only("\0");
    if (letter === "x") return code(this.#hexadecimal(2));
    if (letter === "u") return code(this.#unicode());
    if (letter === "c" && /[A-Za-z]/.test(this.#next ?? ""))
      return code((this.#advance().codePointAt(0) ?? 0) % 32);
    if (/[A-Za-z0-9]/.test(letter)) {
      throw this.#problem(`uses \\${letter}, which a grammar cannot carry or which is no escape`);
    }
    return only(letter);
  }

  #unicode(): number {
    if (this.#take("{")) {
      const digits: string[] = [];
      while (!this.#take("}")) digits.push(this.#advance());
      const point = /^[0-9A-Fa-f]{1,6}$/.test(digits.join(""))
        ? Number.parseInt(digits.join(""), 16)
        : Infinity;
      return point <= 0x10_ffff ? point : this.#fail("has a \\u{…} that is no character");
    }
    const high = this.#hexadecimal(4);
    const paired =
      high >= 0xd800 && high < 0xdc00 && this.#next === "\\" && this.#characters[this.#at + 1] === "u";
    if (!paired) return high;
    this.#at += 2;
    const low = this.#hexadecimal(4);
    if (low < 0xdc00 || low > 0xdfff) throw this.#problem("has half a surrogate pair");
    return 0x1_0000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
  }

  #hexadecimal(length: number): number {
    const digits = Array.from({ length }, () => this.#advance()).join("");
    return /^[0-9A-Fa-f]+$/.test(digits)
      ? Number.parseInt(digits, 16)
      : this.#fail("has a \\x or \\u without digits");
  }

  get #next(): string | undefined {
    return this.#characters[this.#at];
  }

  #advance(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw this.#problem("ends too early");
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    if (this.#next !== character) return false;
    this.#at += 1;
    return true;
  }

  #fail(what: string): never {
    throw this.#problem(what);
  }

  #problem(what: string): PatternProblem {
    return new PatternProblem(`${what} (at character ${this.#at})`);
  }
}

const controlEscapes: ReadonlyMap<string, string> = new Map([
  ["t", "\t"],
  ["n", "\n"],
  ["v", "\v"],
  ["f", "\f"],
  ["r", "\r"],
]);

function only(character: string): CharacterSet {
  return code(character.codePointAt(0) ?? 0);
}

function code(point: number): CharacterSet {
  return [[point, point]];
}

function range(first: CharacterSet, last: CharacterSet): readonly [number, number] | null {
  const [from, to] = [first[0], last[0]];
  if (from === undefined || to === undefined) return null;
  const single = first.length === 1 && last.length === 1 && from[0] === from[1] && to[0] === to[1];
  return single && from[0] <= to[0] ? [from[0], to[0]] : null;
}
