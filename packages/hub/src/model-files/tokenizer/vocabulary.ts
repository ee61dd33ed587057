import { ModelFileInvalid } from "../invalid.ts";

/** Kinds of tokens in `tokenizer.ggml.token_type` (source: llama.cpp's llama_token_type). */
export const tokenKinds = {
  normal: 1,
  unknown: 2,
  control: 3,
  userDefined: 4,
  unused: 5,
  byte: 6,
} as const;

/** The tokens of a model. */
export interface Vocabulary {
  readonly tokens: readonly string[];
  /** One of {@link tokenKinds} for each token. */
  readonly types: readonly number[];
  readonly eosId: number;
  readonly bosId: number | undefined;
  readonly addBos: boolean;
  /** White space after a token that is recognised in any text is dropped. */
  readonly stripsAfterTokens: boolean;
}

/** Numbers of the tokens by their text; of equal texts the first. */
export function idsByText(tokens: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (!ids.has(token)) ids.set(token, id);
  return ids;
}

/** The tokens of some kinds, by their text. */
export function tokensOfKind(
  { types }: Vocabulary,
  ids: ReadonlyMap<string, number>,
  ...wanted: number[]
): Map<string, number> {
  return new Map(
    [...ids].filter(([token, id]) => token !== "" && wanted.includes(types[id] ?? tokenKinds.normal)),
  );
}

/** Errors: {@link ModelFileInvalid} when one of the named tokens does not exist. */
export function requireIds(ids: Record<string, number | undefined>, count: number): void {
  for (const [name, id] of Object.entries(ids)) {
    if (id !== undefined && (!Number.isInteger(id) || id < 0 || id >= count)) {
      throw new ModelFileInvalid(`The tokenizer's ${name} is ${id}; it has ${count} tokens.`);
    }
  }
}

// As C's isspace: no white space beyond ASCII.
const leadingSpace = /^[ \t\n\v\f\r]+/;

/**
 * A function that cuts text at the tokens that the model wants recognised in any text: the one that
 * is longest in UTF-8 first, everywhere, then the next in what is left between.
 */
export function tokenSplitter(
  tokens: ReadonlyMap<string, number>,
  stripsAfter: boolean,
): (text: string) => (string | number)[] {
  const longestFirst = [...tokens].toSorted((a, b) => Buffer.byteLength(b[0]) - Buffer.byteLength(a[0]));
  return (text) => {
    if (text === "") return [];
    let parts: (string | number)[] = [text];
    for (const [token, id] of longestFirst) {
      if (!text.includes(token)) continue;
      parts = parts.flatMap((part) =>
        typeof part === "number" ? [part] : separated(part, token, id, stripsAfter),
      );
    }
    return parts;
  };
}

function separated(part: string, token: string, id: number, stripsAfter: boolean): (string | number)[] {
  const found: (string | number)[] = [];
  let rest = part;
  for (let at = rest.indexOf(token); at >= 0; at = rest.indexOf(token)) {
    if (at > 0) found.push(rest.slice(0, at));
    found.push(id);
    rest = rest.slice(at + token.length);
    if (stripsAfter) rest = rest.replace(leadingSpace, "");
  }
  if (rest !== "") found.push(rest);
  return found;
}
