import type { CharacterSource, Reading } from "./character-source.ts";

export function isSpace(character: string): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}

/** The next character that is no white space; empty at the end. */
export function* nextVisible(source: CharacterSource): Reading<string> {
  for (;;) {
    const character = yield* source.next();
    if (!isSpace(character)) return character;
  }
}

/** Takes `expected` if it comes next, or what there is of it before the text ends; otherwise nothing. */
export function* takes(source: CharacterSource, expected: string): Reading<boolean> {
  for (let index = 0; index < expected.length; index++) {
    const character = yield* source.next();
    if (character === "") return true;
    if (character === expected.charAt(index)) continue;
    source.back(index + 1);
    return false;
  }
  return true;
}

/** The same with white space in front. Commits what was held before. */
export function* takesVisible(source: CharacterSource, expected: string): Reading<boolean> {
  source.commit();
  if ((yield* nextVisible(source)) === "") return true;
  source.back(1);
  if (yield* takes(source, expected)) return true;
  source.back(source.held.length);
  return false;
}

/**
 * Gives characters to `write` up to the first of `marks` (none empty), which it takes. Null at the end of the
 * text; the beginning of a mark that may stand there goes to `writeLast`.
 */
export function* until(
  source: CharacterSource,
  marks: readonly string[],
  write: (text: string) => void,
  writeLast = write,
): Reading<string | null> {
  let open = "";
  for (;;) {
    const character = yield* source.next();
    if (character === "") {
      if (open !== "") writeLast(open);
      return null;
    }
    open += character;
    while (open !== "" && !marks.some((mark) => mark.startsWith(open))) {
      write(open.charAt(0));
      open = open.slice(1);
    }
    if (marks.includes(open)) return open;
  }
}

/** The rest of a JSON string whose quote was taken; null when it has no end or is none. */
export function* restOfString(source: CharacterSource): Reading<string | null> {
  let text = "";
  if (!(yield* copyValue(source, '"', (more) => (text += more)))) return null;
  try {
    return String(JSON.parse(text));
  } catch {
    return null;
  }
}

/**
 * Copies a JSON value whose first character was taken. Only brackets and strings are looked at, so a fault
 * inside of them is copied as it is. False when the text ends first.
 */
export function* copyValue(
  source: CharacterSource,
  first: string,
  write: (text: string) => void,
): Reading<boolean> {
  write(first);
  if (first === '"') return yield* copyString(source, write);
  if (first !== "{" && first !== "[") return yield* copyScalar(source, write);
  for (let depth = 1; depth > 0;) {
    const character = yield* source.next();
    if (character === "") return false;
    write(character);
    if (character === '"' && !(yield* copyString(source, write))) return false;
    if (character === "{" || character === "[") depth++;
    if (character === "}" || character === "]") depth--;
  }
  return true;
}

function* copyString(source: CharacterSource, write: (text: string) => void): Reading<boolean> {
  for (let escaped = false; ;) {
    const character = yield* source.next();
    if (character === "") return false;
    write(character);
    if (character === '"' && !escaped) return true;
    escaped = character === "\\" && !escaped;
  }
}

/** A number or a word: it ends where something else begins. */
function* copyScalar(source: CharacterSource, write: (text: string) => void): Reading<boolean> {
  for (;;) {
    const character = yield* source.next();
    if (character === "") return false;
    if (!/[\w.+-]/u.test(character)) {
      source.back(1);
      return true;
    }
    write(character);
  }
}
