import { refusal, shown } from "../refusal.ts";
import {
  complement,
  digits,
  ignoringCase,
  normalise,
  spaces,
  wordCharacters,
  type Node,
  type Ranges,
} from "./syntax.ts";

const maxLength = 2000;
/** PostgreSQL counts no further. */
const maxCount = 255;
const maxDepth = 100;

const newline: Ranges = [[10, 10]];
const controls: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, a: 7, e: 27 };
const classes: Readonly<Record<string, Ranges>> = {
  d: digits,
  w: wordCharacters,
  s: spaces,
  D: complement(digits),
  W: complement(wordCharacters),
  S: complement(spaces),
};

/**
 * Reads a regular expression:
 *
 *     either   = sequence { "|" sequence }
 *     sequence = { atom [ "*" | "+" | "?" | "{" n [ "," [m] ] "}" ] ["?"] }
 *     atom     = character | "." | class | "^" | "$" | "\b" | "\B" | "\A" | "\Z" | "(" ["?:"] either ")"
 *
 * with `\d \w \s \D \W \S` (of ASCII), `\t \n \r \f \v \xHH \uHHHH`, and `(?i)` at the very beginning. Whatever needs
 * more than one look at the text (back references, look-around) is refused: it cannot be bounded in time.
 *
 * @throws HearthError `invalid_request`
 */
export function parseExpression(source: string): Node {
  const characters = Array.from(source.toWellFormed());
  const refuse = (what: string) =>
    refusal(`Invalid regular expression '${shown(source)}': ${what}.`, { pattern: shown(source) });
  if (characters.length > maxLength) {
    throw refuse(`it has ${characters.length} characters, the most is ${maxLength}`);
  }
  let at = 0;
  let depth = 0;
  const peek = (): string => characters[at] ?? "";
  const starts = (text: string): boolean =>
    characters.slice(at, at + text.length).join("") === text && text !== "";
  const skip = (text: string): boolean => {
    const found = starts(text);
    if (found) at += text.length;
    return found;
  };
  const anyCase = skip("(?i)");
  const set = (ranges: Ranges): Node => ({
    kind: "characters",
    ranges: anyCase ? ignoringCase(ranges) : ranges,
  });

  const node = either();
  if (at < characters.length) throw refuse(`at position ${at + 1} a ')' closes nothing`);
  return node;

  function either(): Node {
    depth += 1;
    if (depth > maxDepth) throw refuse(`groups are nested deeper than ${maxDepth}`);
    const nodes = [sequence()];
    while (skip("|")) nodes.push(sequence());
    depth -= 1;
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: "either", nodes };
  }

  function sequence(): Node {
    const nodes: Node[] = [];
    while (at < characters.length && peek() !== "|" && peek() !== ")") nodes.push(repeated(atom()));
    return { kind: "sequence", nodes };
  }

  function repeated(node: Node): Node {
    const count = takeCount();
    if (count === undefined) return node;
    if (node.kind === "assertion") throw refuse(`at position ${at} something without a width is repeated`);
    // Lazy or greedy: whether there is a match is the same.
    if (!skip("?") && peek() === "+") throw refuse("possessive quantifiers are not supported");
    if (takeCount() !== undefined) throw refuse(`at position ${at} a repetition is repeated; use a group`);
    return { kind: "repeat", node, ...count };
  }

  function takeCount(): { least: number; most: number } | undefined {
    if (skip("*")) return { least: 0, most: Infinity };
    if (skip("+")) return { least: 1, most: Infinity };
    if (skip("?")) return { least: 0, most: 1 };
    if (peek() !== "{") return undefined;
    const written = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(characters.slice(at, at + 16).join(""));
    if (written === null)
      throw refuse(`at position ${at + 1} '{' begins no count; a brace as such is written \\{`);
    at += written[0].length;
    const least = Number(written[1]);
    const most = written[2] === undefined ? least : written[3] === "" ? Infinity : Number(written[3]);
    if (least > maxCount || (most !== Infinity && most > maxCount) || most < least) {
      throw refuse(`the count ${written[0]} is not within 0 to ${maxCount}, the smaller first`);
    }
    return { least, most };
  }

  function atom(): Node {
    const first = peek();
    if (first === "(") return group();
    if (first === "[") return set(bracket());
    if (first === "*" || first === "+" || first === "?" || first === "{") {
      throw refuse(`at position ${at + 1} there is nothing that '${first}' could repeat`);
    }
    at += 1;
    if (first === ".") return { kind: "characters", ranges: complement(newline) };
    if (first === "^") return { kind: "assertion", where: "start" };
    if (first === "$") return { kind: "assertion", where: "end" };
    if (first !== "\\") return set(only(first));
    const letter = peek();
    if (letter === "b" || letter === "B" || letter === "A" || letter === "Z") {
      at += 1;
      const where = ({ b: "word-border", B: "no-word-border", A: "start", Z: "end" } as const)[letter];
      return { kind: "assertion", where };
    }
    return set(escaped());
  }

  function group(): Node {
    at += 1;
    if (!skip("?:") && peek() === "?") {
      throw refuse(
        `at position ${at} the group (?${characters[at + 1] ?? ""}… is not supported, only (…) and (?:…)`,
      );
    }
    const node = either();
    if (!skip(")")) throw refuse("a group is not closed");
    return node;
  }

  /** After the backslash. */
  function escaped(): Ranges {
    const letter = peek();
    at += 1;
    if (letter === "") throw refuse("it ends with a backslash; a backslash as such is written \\\\");
    if (letter === "x") return hexadecimal(2);
    if (letter === "u") return hexadecimal(4);
    const known = Object.hasOwn(classes, letter) ? classes[letter] : undefined;
    if (known !== undefined) return known;
    const control = Object.hasOwn(controls, letter) ? controls[letter] : undefined;
    if (control !== undefined) return [[control, control]];
    if (/[\p{L}\p{N}]/u.test(letter)) throw refuse(`\\${letter} is not supported`);
    return only(letter);
  }

  function hexadecimal(length: number): Ranges {
    const written = characters.slice(at, at + length).join("");
    if (written.length !== length || !/^[0-9a-fA-F]+$/.test(written)) {
      throw refuse(`${length} hexadecimal digits are missing at position ${at + 1}`);
    }
    at += length;
    const value = Number.parseInt(written, 16);
    if (value === 0 || (value >= 0xd8_00 && value <= 0xdf_ff)) throw refuse(`${written} is no character`);
    return [[value, value]];
  }

  function bracket(): Ranges {
    at += 1;
    const negated = skip("^");
    const ranges: (readonly [number, number])[] = [];
    for (let first = true; first || peek() !== "]"; first = false) {
      if (at >= characters.length) throw refuse("a '[' is not closed");
      if (starts("[:") || starts("[.") || starts("[="))
        throw refuse(`${characters[at]}${characters[at + 1]} in a class is not supported`);
      const low = member();
      const [from] = low;
      if (peek() === "-" && characters[at + 1] !== undefined && characters[at + 1] !== "]") {
        at += 1;
        const [to] = member();
        if (
          from === undefined ||
          to === undefined ||
          from[0] !== from[1] ||
          to[0] !== to[1] ||
          to[0] < from[0]
        ) {
          throw refuse(`at position ${at} a range does not go from one character to a later one`);
        }
        ranges.push([from[0], to[0]]);
      } else ranges.push(...low);
    }
    at += 1;
    // Case first: what [^a] leaves out in any case is a and A.
    const listed = normalise(anyCase ? ignoringCase(ranges) : ranges);
    return negated ? complement(listed) : listed;
  }

  function member(): Ranges {
    const character = peek();
    at += 1;
    return character === "\\" ? (peek() === "b" ? only("\b", 1) : escaped()) : only(character);
  }

  function only(character: string, consumed = 0): Ranges {
    at += consumed;
    const value = character.codePointAt(0) ?? 0;
    return [[value, value]];
  }
}
