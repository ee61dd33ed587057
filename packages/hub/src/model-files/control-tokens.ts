/** A model's control tokens, prepared for looking them up in text. */
export interface ControlTokens {
  readonly tokens: readonly string[];
  /** Every character that occurs in a token. */
  readonly characters: ReadonlySet<string>;
  /** Where a token, or a beginning of one that ends the text, starts in `text`. */
  startsIn(text: string): Set<number>;
  /** Whether `text` begins with a proper ending of a token. */
  continuedBy(text: string): boolean;
  /** `text` in stretches: tokens (the longest where several match) and what is between them. */
  split(text: string): { text: string; isToken: boolean }[];
}

const prepared = new Map<string, ControlTokens>();
const preparedLimit = 16;

/** Prepares a list of control tokens; a model's list is prepared once. */
export function controlTokens(list: Iterable<string>): ControlTokens {
  const tokens = [...new Set(list)].filter((token) => token !== "");
  const key = JSON.stringify(tokens);
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const made = prepare(tokens);
  const oldest = prepared.keys().next();
  if (prepared.size >= preparedLimit && oldest.done !== true) prepared.delete(oldest.value);
  prepared.set(key, made);
  return made;
}

function prepare(tokens: readonly string[]): ControlTokens {
  const byFirst = new Map<string, string[]>();
  const endings = new Set<string>();
  let longest = 0;
  for (const token of tokens) {
    byFirst.set(token.charAt(0), [...(byFirst.get(token.charAt(0)) ?? []), token]);
    for (let start = 1; start < token.length; start++) endings.add(token.slice(start));
    longest = Math.max(longest, token.length);
  }
  return {
    tokens,
    characters: new Set(tokens.flatMap((token) => Array.from(token))),
    startsIn: (text) => startsIn(text, byFirst),
    continuedBy: (text) => {
      const most = Math.min(text.length, longest - 1);
      for (let length = 1; length <= most; length++) if (endings.has(text.slice(0, length))) return true;
      return false;
    },
    split: splitter(tokens),
  };
}

function startsIn(text: string, byFirst: ReadonlyMap<string, readonly string[]>): Set<number> {
  const found = new Set<number>();
  for (const [first, tokens] of byFirst) {
    for (let at = text.indexOf(first); at >= 0; at = text.indexOf(first, at + 1)) {
      const left = text.length - at;
      const starts = (token: string): boolean =>
        text.startsWith(left < token.length ? token.slice(0, left) : token, at);
      if (tokens.some(starts)) found.add(at);
    }
  }
  return found;
}

function splitter(tokens: readonly string[]): ControlTokens["split"] {
  if (tokens.length === 0) return (text) => (text === "" ? [] : [{ text, isToken: false }]);
  const longestFirst = tokens.toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map(literal).join("|"), "gu");
  return (text) => {
    const stretches: { text: string; isToken: boolean }[] = [];
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      if (match.index > end) stretches.push({ text: text.slice(end, match.index), isToken: false });
      stretches.push({ text: match[0], isToken: true });
      end = match.index + match[0].length;
    }
    if (end < text.length) stretches.push({ text: text.slice(end), isToken: false });
    return stretches;
  };
}

/** The token as a pattern that matches only itself. */
function literal(token: string): string {
  return token.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
}
