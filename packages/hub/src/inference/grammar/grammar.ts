/**
 * Collects rules and writes them as GBNF, the notation in which llama.cpp is told what an answer may look like.
 * Expressions are GBNF: literals, classes, names of rules, groups, `|` and repetitions.
 *
 * Two things of llama.cpp that whoever adds rules has to know: a rule must not come back to itself before it
 * has taken a character (left recursion is refused or, behind optional parts, not noticed), and one repetition
 * may not unfold to 2,000 rules or more, those of a group inside it counted again and again: repeat names.
 */
export class Grammar {
  readonly #rules = new Map<string, string | null>();
  readonly #shared = new Map<string, string>();
  /** The first number that may be free behind a hint. */
  readonly #taken = new Map<string, number>();
  #characters = 0;

  /** How many rules there are. */
  get rules(): number {
    return this.#rules.size;
  }

  /** Length of all expressions together. */
  get characters(): number {
    return this.#characters;
  }

  /** Adds a rule under a name like the hint: unique, and legal in GBNF. */
  add(nameHint: string, expression: string): string {
    const name = this.reserve(nameHint);
    this.define(name, expression);
    return name;
  }

  /** A name for a rule that is defined later, so that rules can refer to each other. */
  reserve(nameHint: string): string {
    const hint = legalName(nameHint);
    let number = this.#taken.get(hint) ?? 1;
    let name = number === 1 ? hint : `${hint}-${number}`;
    while (this.#rules.has(name)) name = `${hint}-${(number += 1)}`;
    this.#taken.set(hint, number + 1);
    this.#rules.set(name, null);
    return name;
  }

  define(name: string, expression: string): void {
    if (this.#rules.get(name) !== null) throw new Error(`the rule "${name}" was not reserved, or is defined`);
    this.#rules.set(name, expression);
    this.#characters += expression.length;
  }

  /** The rule of this key; built the first time. It may ask for itself while it is built. */
  shared(key: string, build: () => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.reserve(key);
    this.#shared.set(key, name);
    this.define(name, build());
    return name;
  }

  /** The grammar of the texts of this rule. */
  toString(root: string): string {
    const lines = [`root ::= ${root}`];
    if (!this.#rules.has(root)) throw new Error(`there is no rule "${root}"`);
    for (const [name, expression] of this.#rules) {
      if (expression === null) throw new Error(`the rule "${name}" was reserved and never defined`);
      lines.push(`${name} ::= ${expression}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

/** Letters, digits and dashes; `root` belongs to {@link Grammar.toString}. */
function legalName(hint: string): string {
  const name = hint
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, "");
  return name === "" || name === "root" ? "rule" : name;
}

/** An expression for exactly this text. Half of a surrogate pair becomes U+FFFD, as it does in UTF-8. */
export function literal(text: string): string {
  let escaped = "";
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0) ?? 0;
    if (character === '"' || character === "\\") escaped += `\\${character}`;
    else escaped += code < 0x20 || code === 0x7f ? classCharacter(code) : character;
  }
  return `"${escaped}"`;
}

/** First and last code point, both included. */
export type CharacterRange = readonly [first: number, last: number];

/** An expression for one character out of these ranges; `not`: for one outside of them. */
export function characterClass(ranges: readonly CharacterRange[], not = false): string {
  const parts = ranges.map(([first, last]) =>
    first === last ? classCharacter(first) : `${classCharacter(first)}-${classCharacter(last)}`,
  );
  return `[${not ? "^" : ""}${parts.join("")}]`;
}

function classCharacter(code: number): string {
  const character = String.fromCodePoint(code);
  if (/[A-Za-z0-9]/.test(character)) return character;
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
