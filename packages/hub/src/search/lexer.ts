import { refusal, shown } from "./refusal.ts";

export type TokenKind =
  /** Letters, digits and `_ $ #`; after a dot it may begin with a digit. */
  | "word"
  /** In double quotes: a key or a text. */
  | "double"
  /** In backticks: a key. */
  | "backtick"
  /** In single quotes: a text. */
  | "single"
  | "number"
  | "operator"
  | "dot"
  | "comma"
  | "open"
  | "close"
  | "end";

export interface Token {
  kind: TokenKind;
  /** As it was written. */
  source: string;
  /** What it says: without its quotes, doubled quotes single. */
  text: string;
  /** UTF-16 offsets into the text. */
  start: number;
  end: number;
}

/** UTF-16 units. The longest filters that clients build list some thousand run ids. */
const maxLength = 500_000;

const space = /\s*/y;
const operator = /<=|>=|!=|<>|==|=|<|>/y;
const number = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_$#.])/uy;
const word = /[\p{L}_][\p{L}\p{M}\p{N}_$#]*/uy;
const segment = /[\p{L}\p{N}_$#][\p{L}\p{M}\p{N}_$#]*/uy;
const quotes = { "'": "single", '"': "double", "`": "backtick" } as const;
const punctuation = { ",": "comma", "(": "open", ")": "close" } as const;

/** Whether a key reads as itself without quotes when it stands after a prefix. */
export function isPlainSegment(text: string): boolean {
  return matchAt(segment, text, 0) === text && text !== "";
}

/** Whether a key reads as itself without quotes when nothing stands before it. */
export function isPlainWord(text: string): boolean {
  return matchAt(word, text, 0) === text && text !== "";
}

/**
 * Cuts a filter or an order into tokens; the last one is `end`. Linear in the length of the text.
 *
 * @param what how errors call the text, such as "filter string"
 * @throws HearthError `invalid_request`
 */
export function tokenise(text: string, what: string): Token[] {
  if (text.length > maxLength) {
    throw refusal(`Invalid ${what}: it has ${text.length} characters, the most is ${maxLength}.`);
  }
  const nul = text.indexOf("\0");
  if (nul !== -1) throw refusal(`Invalid ${what}: the character at position ${nul + 1} is NUL.`);
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += matchAt(space, text, at).length;
    const token = at >= text.length ? end(at) : tokenAt(text, at, tokens.at(-1), what);
    tokens.push(token);
    if (token.kind === "end") return tokens;
    at = token.end;
  }
}

function tokenAt(text: string, start: number, previous: Token | undefined, what: string): Token {
  const first = text.charAt(start);
  const touching = previous?.end === start ? previous.kind : undefined;
  const make = (kind: TokenKind, source: string, value: string = source): Token => ({
    kind,
    source,
    text: value,
    start,
    end: start + source.length,
  });
  if (first === "'" || first === '"' || first === "`") {
    const source = quotedAt(text, start, first, what);
    return make(quotes[first], source, source.slice(1, -1).replaceAll(first + first, first));
  }
  if (first === "," || first === "(" || first === ")") return make(punctuation[first], first);
  // `metrics.5` is a key, `> .5` a number: a dot that touches a name goes on with it.
  if (first === "." && (touching === "word" || touching === "double" || touching === "backtick")) {
    return make("dot", first);
  }
  const name = matchAt(touching === "dot" ? segment : word, text, start);
  if (name !== "") return make("word", name);
  const comparison = matchAt(operator, text, start);
  if (comparison !== "") return make("operator", comparison);
  const digits = matchAt(number, text, start);
  if (digits !== "") return make("number", digits);
  const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
  throw refusal(
    `Invalid clause(s) in ${what}: '${shown(text.slice(start))}' at position ${start + 1} cannot begin with '${shown(character)}'. ` +
      "A key with other characters than letters, digits and '_' stands in backticks, a text in single quotes.",
    { position: start + 1 },
  );
}

/** A quote inside is written twice; a backslash is a character like any other. */
function quotedAt(text: string, start: number, quote: string, what: string): string {
  let from = start + 1;
  for (;;) {
    const close = text.indexOf(quote, from);
    if (close === -1) {
      throw refusal(
        `Invalid ${what}: the quote ${quote} at position ${start + 1} is not closed: ${shown(text.slice(start))}. ` +
          "A quote inside of a quoted text is written twice.",
        { position: start + 1 },
      );
    }
    if (text.charAt(close + 1) !== quote) return text.slice(start, close + 1);
    from = close + 2;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

function end(at: number): Token {
  return { kind: "end", source: "", text: "", start: at, end: at };
}
