import { ModelFileInvalid, quoted } from "../invalid.ts";
import { toByteCharacters } from "./byte-level.ts";
import { mergePiece, mergeTable } from "./merge.ts";
import type { Merge, MergeTable } from "./merge.ts";
import { preTokenize, preTokenizerTraits } from "./pre-tokenizers.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";

const cachedPieces = 20_000;
const cachedPieceLength = 48;

/** Tokens of a stretch of text that holds none of the model's user-defined tokens. */
export type StretchEncoder = (text: string) => number[];

/**
 * Byte-level byte-pair encoding.
 *
 * @param ids the vocabulary, by text
 * @param merges `left right`, in order of priority
 * Errors: {@link ModelFileInvalid} for a merge that is no pair.
 */
export function bytePairEncoder(
  ids: ReadonlyMap<string, number>,
  vocabularySize: number,
  mergeList: readonly string[],
  pre: PreTokenizer,
): StretchEncoder {
  const symbols = symbolTable(ids, vocabularySize);
  const merges = readMerges(mergeList, symbols);
  const { wholePieces } = preTokenizerTraits(pre);
  const cache = new Map<string, readonly number[]>();
  const encodePiece = (piece: string): readonly number[] => {
    const cached = cache.get(piece);
    if (cached !== undefined) return cached;
    const characters = toByteCharacters(piece);
    const whole = wholePieces ? ids.get(characters) : undefined;
    const merged = whole === undefined ? mergeCharacters(characters, merges, symbols) : [whole];
    if (piece.length <= cachedPieceLength && cache.size < cachedPieces) cache.set(piece, merged);
    return merged;
  };
  return (text) => {
    const encoded: number[] = [];
    for (const piece of preTokenize(text, pre)) for (const id of encodePiece(piece)) encoded.push(id);
    return encoded;
  };
}

/**
 * Numbers for everything that merging can produce. A merge may lead through a string that is no
 * token; such strings get numbers above the vocabulary and are taken apart again at the end.
 */
interface SymbolTable {
  readonly vocabularySize: number;
  idOf(text: string): number;
  textOf(id: number): string;
  known(text: string): number | undefined;
}

function symbolTable(ids: ReadonlyMap<string, number>, vocabularySize: number): SymbolTable {
  const extra: string[] = [];
  const extraIds = new Map<string, number>();
  const known = (text: string): number | undefined => ids.get(text) ?? extraIds.get(text);
  return {
    vocabularySize,
    known,
    textOf: (id) => extra[id - vocabularySize] ?? "",
    idOf: (text) => {
      const found = known(text);
      if (found !== undefined) return found;
      extra.push(text);
      extraIds.set(text, vocabularySize + extra.length - 1);
      return vocabularySize + extra.length - 1;
    },
  };
}

function readMerges(merges: readonly string[], symbols: SymbolTable): MergeTable {
  const entries: [number, number, Merge][] = [];
  for (const [rank, merge] of merges.entries()) {
    const cut = merge.indexOf(" ", 1);
    if (cut < 0) throw new ModelFileInvalid(`The tokenizer's merge ${rank} is not a pair: ${quoted(merge)}.`);
    const left = merge.slice(0, cut);
    const right = merge.slice(cut + 1);
    entries.push([symbols.idOf(left), symbols.idOf(right), { rank, token: symbols.idOf(left + right) }]);
  }
  return mergeTable(entries);
}

function mergeCharacters(characters: string, merges: MergeTable, symbols: SymbolTable): number[] {
  const merged = mergePiece(
    Array.from(characters).map((character) => symbols.idOf(character)),
    merges,
  );
  return merged.flatMap((id) => {
    if (id < symbols.vocabularySize) return [id];
    const bytes = Array.from(symbols.textOf(id)).map((character) => symbols.known(character) ?? id);
    return bytes.filter((byte) => byte < symbols.vocabularySize);
  });
}
