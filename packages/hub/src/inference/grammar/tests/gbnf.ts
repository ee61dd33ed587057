/**
 * A reader of GBNF of its own, written from llama.cpp's description of the notation: tells whether a text belongs
 * to a grammar, and draws texts from it.
 */

type Expression =
  | { kind: "characters"; ranges: [number, number][]; not: boolean }
  | { kind: "rule"; name: string }
  | { kind: "sequence"; parts: Expression[] }
  | { kind: "choice"; options: Expression[] }
  | { kind: "repeat"; of: Expression; min: number; max: number };

export class Gbnf {
  readonly #rules: ReadonlyMap<string, Expression>;
  readonly #costs: ReadonlyMap<string, number>;

  constructor(text: string) {
    this.#rules = new Map(text.split("\n").flatMap((line) => (line === "" ? [] : [readRule(line)])));
    for (const expression of this.#rules.values()) this.#checkReferences(expression);
    this.#costs = this.#leastCosts();
  }

  get rules(): number {
    return this.#rules.size;
  }

  accepts(text: string): boolean {
    const codes = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    const known = new Map<string, Set<number>>();
    const ends = (expression: Expression, at: number): Set<number> => {
      switch (expression.kind) {
        case "characters": {
          const code = codes[at];
          return new Set(code !== undefined && fits(expression, code) ? [at + 1] : []);
        }
        case "rule": {
          const key = `${expression.name} ${at}`;
          const found = known.get(key) ?? ends(this.#rule(expression.name), at);
          known.set(key, found);
          return found;
        }
        case "sequence":
          return expression.parts.reduce(
            (from, part) => new Set([...from].flatMap((at) => [...ends(part, at)])),
            new Set([at]),
          );
        case "choice":
          return new Set(expression.options.flatMap((option) => [...ends(option, at)]));
        case "repeat": {
          const all = new Set(expression.min === 0 ? [at] : []);
          let from = new Set([at]);
          for (let count = 1; count <= expression.max && from.size > 0; count++) {
            from = new Set([...from].flatMap((at) => [...ends(expression.of, at)]));
            if (count < expression.min) continue;
            const before = all.size;
            for (const end of from) all.add(end);
            if (all.size === before) break;
          }
          return all;
        }
      }
    };
    return ends(this.#rule("root"), 0).has(codes.length);
  }

  /** A text of the grammar. `draw(n)` gives a number below n; after about `length` characters it takes the shortest ways. */
  text(draw: (below: number) => number, length = 200): string {
    let written = "";
    const write = (expression: Expression): void => {
      switch (expression.kind) {
        case "characters":
          written += drawCharacter(expression, draw);
          return;
        case "rule":
          return write(this.#rule(expression.name));
        case "sequence":
          return expression.parts.forEach(write);
        case "choice": {
          const costs = expression.options.map((option) => this.#cost(option, this.#costs));
          const possible =
            written.length > length
              ? [costs.indexOf(Math.min(...costs))]
              : [...costs.keys()].filter((index) => costs[index] !== Infinity);
          const option = expression.options[possible[draw(possible.length)] ?? 0];
          return option === undefined ? undefined : write(option);
        }
        case "repeat": {
          const most = Math.min(expression.max, expression.min + (written.length > length ? 0 : 4));
          const count = expression.min + draw(most - expression.min + 1);
          for (let done = 0; done < count; done++) write(expression.of);
        }
      }
    };
    write(this.#rule("root"));
    return written;
  }

  #rule(name: string): Expression {
    const expression = this.#rules.get(name);
    if (expression === undefined) throw new Error(`the grammar has no rule ${name}`);
    return expression;
  }

  #checkReferences(expression: Expression): void {
    if (expression.kind === "rule") this.#rule(expression.name);
    else if (expression.kind === "sequence") expression.parts.forEach((part) => this.#checkReferences(part));
    else if (expression.kind === "choice")
      expression.options.forEach((option) => this.#checkReferences(option));
    else if (expression.kind === "repeat") this.#checkReferences(expression.of);
  }

  /** How many characters the shortest text of each rule has; Infinity: it has none. */
  #leastCosts(): Map<string, number> {
    const costs = new Map([...this.#rules.keys()].map((name) => [name, Infinity]));
    for (let changed = true; changed;) {
      changed = false;
      for (const [name, expression] of [...this.#rules].toReversed()) {
        const cost = this.#cost(expression, costs);
        if (cost < (costs.get(name) ?? Infinity)) {
          costs.set(name, cost);
          changed = true;
        }
      }
    }
    return costs;
  }

  #cost(expression: Expression, costs: ReadonlyMap<string, number>): number {
    switch (expression.kind) {
      case "characters":
        return 1;
      case "rule":
        return costs.get(expression.name) ?? Infinity;
      case "sequence":
        return expression.parts.reduce((sum, part) => sum + this.#cost(part, costs), 0);
      case "choice":
        return Math.min(...expression.options.map((option) => this.#cost(option, costs)));
      case "repeat":
        return expression.min === 0 ? 0 : expression.min * this.#cost(expression.of, costs);
    }
  }
}

function readRule(line: string): [string, Expression] {
  const found = /^([A-Za-z0-9-]+) ::= (.*)$/su.exec(line);
  if (found === null) throw new Error(`no rule: ${line}`);
  const reader = new Reader(found[2] ?? "");
  return [found[1] ?? "", reader.whole()];
}

class Reader {
  readonly #characters: string[];
  #at = 0;

  constructor(text: string) {
    this.#characters = Array.from(text);
  }

  whole(): Expression {
    const expression = this.#choice();
    if (this.#at < this.#characters.length)
      throw new Error(`cannot read on at ${this.#characters.slice(this.#at).join("")}`);
    return expression;
  }

  #choice(): Expression {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return options[1] === undefined && options[0] !== undefined ? options[0] : { kind: "choice", options };
  }

  #sequence(): Expression {
    const parts: Expression[] = [];
    for (;;) {
      this.#blanks();
      const part = this.#part();
      if (part === null) break;
      parts.push(this.#repeated(part));
    }
    return { kind: "sequence", parts };
  }

  #part(): Expression | null {
    if (this.#take('"')) {
      const parts: Expression[] = [];
      while (!this.#take('"')) {
        const code = this.#character();
        parts.push({ kind: "characters", ranges: [[code, code]], not: false });
      }
      return { kind: "sequence", parts };
    }
    if (this.#take("[")) {
      const not = this.#take("^");
      const ranges: [number, number][] = [];
      while (!this.#take("]")) {
        const first = this.#character();
        ranges.push([first, this.#take("-") ? this.#character() : first]);
      }
      return { kind: "characters", ranges, not };
    }
    if (this.#take("(")) {
      const inside = this.#choice();
      if (!this.#take(")")) throw new Error("a group without an end");
      return inside;
    }
    if (this.#take(".")) return { kind: "characters", ranges: [], not: true };
    const name = /^[A-Za-z0-9-]+/.exec(this.#characters.slice(this.#at, this.#at + 80).join(""))?.[0];
    if (name === undefined) return null;
    this.#at += name.length;
    return { kind: "rule", name };
  }

  #repeated(of: Expression): Expression {
    this.#blanks();
    if (this.#take("*")) return { kind: "repeat", of, min: 0, max: Infinity };
    if (this.#take("+")) return { kind: "repeat", of, min: 1, max: Infinity };
    if (this.#take("?")) return { kind: "repeat", of, min: 0, max: 1 };
    const found = /^\{(\d+)(,(\d*))?\}/.exec(this.#characters.slice(this.#at, this.#at + 40).join(""));
    if (found === null) return of;
    this.#at += found[0].length;
    const [, min = "", comma, max = ""] = found;
    const most = comma === undefined ? Number(min) : max === "" ? Infinity : Number(max);
    if (Number(min) >= 2000 || (most >= 2000 && most !== Infinity))
      throw new Error(`llama.cpp refuses ${found[0]}`);
    return { kind: "repeat", of, min: Number(min), max: most };
  }

  #character(): number {
    const character = this.#next();
    if (character !== "\\") return character.codePointAt(0) ?? 0;
    const letter = this.#next();
    const length = new Map([
      ["x", 2],
      ["u", 4],
      ["U", 8],
    ]).get(letter);
    if (length !== undefined) return Number.parseInt(Array.from({ length }, () => this.#next()).join(""), 16);
    const plain =
      new Map([
        ["n", "\n"],
        ["r", "\r"],
        ["t", "\t"],
      ]).get(letter) ?? ('\\"[]-'.includes(letter) ? letter : null);
    if (plain === null) throw new Error(`llama.cpp has no escape \\${letter}`);
    return plain.codePointAt(0) ?? 0;
  }

  #next(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw new Error("the rule ends too early");
    this.#at += 1;
    return character;
  }

  #take(character: string): boolean {
    if (this.#characters[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #blanks(): void {
    while (this.#take(" ")) continue;
  }
}

type Characters = Extract<Expression, { kind: "characters" }>;

function fits({ ranges, not }: Characters, code: number): boolean {
  return ranges.some(([first, last]) => first <= code && code <= last) !== not;
}

/** Often one at the end of a range, where mistakes are. */
function drawCharacter(characters: Characters, draw: (below: number) => number): string {
  for (;;) {
    const range = characters.not
      ? ([0x20, 0x250] as const)
      : characters.ranges[draw(characters.ranges.length)];
    const [first, last] = range ?? [0x20, 0x7e];
    const offset = draw(4) === 0 ? (draw(2) === 0 ? 0 : last - first) : draw(Math.min(last - first + 1, 100));
    if (!characters.not || fits(characters, first + offset)) return String.fromCodePoint(first + offset);
  }
}
