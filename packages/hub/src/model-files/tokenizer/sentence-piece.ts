import { ModelFileInvalid } from "../invalid.ts";
import type { StretchEncoder } from "./byte-pair.ts";
import { mergePiece } from "./merge.ts";
import type { Merge, MergeTable } from "./merge.ts";

/** Stands for a space in the pieces of SentencePiece vocabularies. */
export const spaceMark = "\u2581";

/** Pairs whose merge is remembered; then the memory starts anew. */
const cachedPairs = 500_000;

/**
 * SentencePiece's byte-pair kind as llama.cpp computes it (`tokenizer.ggml.model` = llama): of all
 * neighbours whose joined text is a token, of whatever kind, those of the highest score are merged
 * first, the leftmost of equals; what is no token in the end is spelt in bytes.
 *
 * @param ids the vocabulary, by text
 * @param scores one for each token
 * Errors: {@link ModelFileInvalid} when a byte has no token or a score is not a number.
 */
export function sentencePieceEncoder(
  ids: ReadonlyMap<string, number>,
  vocabularySize: number,
  scores: readonly number[],
): StretchEncoder {
  const strange = scores.findIndex((score) => Number.isNaN(score));
  if (strange >= 0) throw new ModelFileInvalid(`The score of the tokenizer's token ${strange} is NaN.`);
  const bytes = byteTokens(ids);
  const texts: string[] = [];
  for (const [text, id] of ids) texts[id] = text;
  const cache = new Map<number, Merge | null>();
  return (text) => {
    // Characters that are no token get numbers above the vocabulary: a longer token may hold them.
    const strangers: string[] = [];
    const strangerIds = new Map<string, number>();
    const idOf = (character: string): number => {
      const known = ids.get(character) ?? strangerIds.get(character);
      if (known !== undefined) return known;
      const id = vocabularySize + strangers.push(character) - 1;
      strangerIds.set(character, id);
      return id;
    };
    const textOf = (id: number): string => texts[id] ?? strangers[id - vocabularySize] ?? "";
    const find = (left: number, right: number): Merge | null => {
      const token = ids.get(textOf(left) + textOf(right));
      return token === undefined ? null : { rank: -(scores[token] ?? 0), token };
    };
    const merges: MergeTable = {
      get(left, right) {
        if (left >= vocabularySize || right >= vocabularySize) return find(left, right) ?? undefined;
        const key = left * 2 ** 26 + right;
        let merge = cache.get(key);
        if (merge === undefined) {
          merge = find(left, right);
          if (cache.size >= cachedPairs) cache.clear();
          cache.set(key, merge);
        }
        return merge ?? undefined;
      },
    };
    const symbols = Array.from(text.replaceAll(" ", spaceMark), idOf);
    return mergePiece(symbols, merges).flatMap((id) =>
      id < vocabularySize ? [id] : Array.from(Buffer.from(textOf(id)), (byte) => bytes[byte] ?? 0),
    );
  };
}

/** The token of each byte: `<0x0A>`, or where that is missing the byte itself. */
function byteTokens(ids: ReadonlyMap<string, number>): number[] {
  return Array.from({ length: 256 }, (_, byte) => {
    const name = byteTokenName(byte);
    const id = ids.get(name) ?? (byte < 128 ? ids.get(String.fromCharCode(byte)) : undefined);
    if (id === undefined)
      throw new ModelFileInvalid(`The tokenizer's vocabulary lacks the byte token ${name}.`);
    return id;
  });
}

/** The text of a byte's token: `<0x0A>`. */
export function byteTokenName(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** The byte that a token of the kind byte stands for; undefined when its text is none. */
export function byteOfToken(text: string): number | undefined {
  const digits = /^<0x([0-9A-F]{2})>$/i.exec(text)?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}
