import { lastCodePoint, type Assertion, type Node, type Ranges } from "./syntax.ts";

const word = "[0-9A-Z_a-z]";
const assertions: Record<Assertion, string> = {
  start: "\\A",
  end: "\\Z",
  // PostgreSQL's own \y depends on the locale.
  "word-border": `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`,
  "no-word-border": `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`,
};

/** The same expression as PostgreSQL's `~` reads it (an "advanced regular expression"), in any locale. */
export function toPostgres(node: Node): string {
  return `***:${print(node)}`;
}

function print(node: Node): string {
  switch (node.kind) {
    case "characters":
      return characters(node.ranges);
    case "assertion":
      return assertions[node.where];
    case "sequence":
      return node.nodes.length === 0 ? "(?:)" : node.nodes.map(print).join("");
    case "either":
      return `(?:${node.nodes.map(print).join("|")})`;
    case "repeat":
      return `(?:${print(node.node)})${count(node.least, node.most)}`;
  }
}

function count(least: number, most: number): string {
  if (most !== Infinity) return `{${least},${most}}`;
  if (least <= 1) return least === 0 ? "*" : "+";
  return `{${least},}`;
}

function characters(ranges: Ranges): string {
  const [only, ...more] = ranges;
  // Nothing is in an empty class; PostgreSQL has no way to write one but this.
  if (only === undefined) return "(?!)";
  if (more.length === 0 && only[0] === only[1]) return character(only[0]);
  const listed = ranges.map(([first, last]) =>
    first === last ? character(first) : `${character(first)}-${character(last)}`,
  );
  return `[${listed.join("")}]`;
}

function character(codePoint: number): string {
  const text = String.fromCodePoint(Math.min(codePoint, lastCodePoint));
  return /^[A-Za-z0-9]$/.test(text) ? text : `\\U${codePoint.toString(16).padStart(8, "0")}`;
}
