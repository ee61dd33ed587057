import type { Segment } from "../chat-template.ts";
import type { GgufHeader } from "../gguf/format.ts";
import { ModelFileInvalid, quoted } from "../invalid.ts";
import {
  preTokenize,
  preTokenizerByName,
  toByteCharacters,
  toBytes,
  trainedPreTokenizer,
} from "./byte-level.ts";
import type { PreTokenizer } from "./byte-level.ts";
import { mergePiece, mergeTable } from "./merge.ts";
import type { Merge, MergeTable } from "./merge.ts";
import type { TokenizerFile } from "./train.ts";

/** Turns text into token numbers and back, exactly as the engine does. */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly eosId: number;
  readonly bosId?: number;
  /** The model expects its beginning-of-text token before everything else. */
  readonly addBos: boolean;
  /** Plain text: control tokens that occur in it stay text. No beginning-of-text token is added. */
  encode(text: string): number[];
  /** Text and control tokens, as `renderChat` gives them. */
  encodeSegments(segments: readonly Segment[]): number[];
  /** Control tokens are left out unless `special`; bytes that are not UTF-8 become U+FFFD. */
  decode(ids: Iterable<number>, options?: { special?: boolean }): string;
  tokenId(piece: string): number | undefined;
  /** Control tokens and their numbers. */
  readonly specialTokens: ReadonlyMap<string, number>;
}

/** Kinds of tokens in `tokenizer.ggml.token_type` (source: llama.cpp's llama_token_type). */
const kinds = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

interface Vocabulary {
  tokens: readonly string[];
  /** One of `kinds` for each token. */
  types: readonly number[];
  merges: readonly string[];
  pre: PreTokenizer;
  /** A piece that is a token as a whole is not merged from its bytes. */
  wholePieces: boolean;
  eosId: number;
  bosId: number | undefined;
  addBos: boolean;
}

/**
 * The tokenizer inside a model file: byte-level BPE (`tokenizer.ggml.model` = gpt2) with the
 * pre-tokenizers of GPT-2, Llama 3 and Qwen 2.
 *
 * Errors: {@link ModelFileInvalid} for other kinds and for damaged vocabularies.
 */
export function tokenizerFromGguf(header: GgufHeader): Tokenizer {
  const { metadata } = header;
  const model = metadata.string("tokenizer.ggml.model");
  if (model !== "gpt2") {
    throw new ModelFileInvalid(
      `The tokenizer is of the kind ${quoted(model)}; only byte-level BPE ("gpt2") is supported in training.`,
      { details: { model } },
    );
  }
  const pre = preTokenizerByName(metadata.optionalString("tokenizer.ggml.pre") ?? "gpt-2");
  const tokens = metadata.strings("tokenizer.ggml.tokens");
  const types = metadata.optionalNumbers("tokenizer.ggml.token_type") ?? tokens.map(() => kinds.normal);
  if (types.length !== tokens.length) {
    throw new ModelFileInvalid(
      `tokenizer.ggml.token_type has ${types.length} entries for ${tokens.length} tokens.`,
    );
  }
  return createTokenizer({
    tokens,
    types,
    merges: metadata.strings("tokenizer.ggml.merges"),
    pre,
    wholePieces: pre === "llama3",
    eosId: metadata.number("tokenizer.ggml.eos_token_id"),
    bosId: metadata.optionalNumber("tokenizer.ggml.bos_token_id"),
    addBos: metadata.optionalBool("tokenizer.ggml.add_bos_token") ?? pre === "llama3",
  });
}

/** The tokenizer that `trainTokenizer` made. Errors: {@link ModelFileInvalid} when it is not consistent. */
export function tokenizerFromFile(file: TokenizerFile): Tokenizer {
  const special = new Set(file.specialTokens);
  const idOf = (token: string): number => {
    const id = file.tokens.indexOf(token);
    if (id < 0) throw new ModelFileInvalid(`The tokenizer lacks its special token ${quoted(token)}.`);
    return id;
  };
  for (const token of special) idOf(token);
  return createTokenizer({
    tokens: file.tokens,
    types: file.tokens.map((token) => (special.has(token) ? kinds.control : kinds.normal)),
    merges: file.merges,
    pre: trainedPreTokenizer,
    wholePieces: false,
    eosId: idOf(file.eos),
    bosId: file.bos === undefined ? undefined : idOf(file.bos),
    addBos: false,
  });
}

function createTokenizer(vocabulary: Vocabulary): Tokenizer {
  const { tokens, types, eosId, bosId } = vocabulary;
  requireIds({ eosId, bosId }, tokens.length);
  const ids = new Map<string, number>();
  for (const [id, token] of tokens.entries()) if (!ids.has(token)) ids.set(token, id);
  const ofKind = (...wanted: number[]): Map<string, number> =>
    new Map([...ids].filter(([token, id]) => token !== "" && wanted.includes(types[id] ?? kinds.normal)));
  const specialTokens = ofKind(kinds.control, kinds.unknown);
  const encode = plainEncoder(vocabulary, ids, ofKind(kinds.userDefined));
  const specialId = (token: string): number => {
    const id = specialTokens.get(token);
    if (id === undefined)
      throw new ModelFileInvalid(`${quoted(token)} is not a control token of this model.`);
    return id;
  };
  return {
    vocabularySize: tokens.length,
    eosId,
    ...(bosId === undefined ? {} : { bosId }),
    addBos: vocabulary.addBos,
    specialTokens,
    tokenId: (piece) => ids.get(piece),
    encode,
    encodeSegments: (segments) =>
      segments.flatMap((segment) =>
        "text" in segment ? encode(segment.text) : [specialId(segment.special)],
      ),
    decode: decoder(tokens, types),
  };
}

function requireIds(ids: Record<string, number | undefined>, count: number): void {
  for (const [name, id] of Object.entries(ids)) {
    if (id !== undefined && (!Number.isInteger(id) || id < 0 || id >= count)) {
      throw new ModelFileInvalid(`The tokenizer's ${name} is ${id}; it has ${count} tokens.`);
    }
  }
}

const cachedPieces = 20_000;
const cachedPieceLength = 48;

function plainEncoder(
  vocabulary: Vocabulary,
  ids: ReadonlyMap<string, number>,
  userDefined: ReadonlyMap<string, number>,
): (text: string) => number[] {
  const symbols = symbolTable(ids, vocabulary.tokens.length);
  const merges = readMerges(vocabulary.merges, symbols);
  const cache = new Map<string, readonly number[]>();
  const encodePiece = (piece: string): readonly number[] => {
    const cached = cache.get(piece);
    if (cached !== undefined) return cached;
    const characters = toByteCharacters(piece);
    const whole = vocabulary.wholePieces ? ids.get(characters) : undefined;
    const merged = whole === undefined ? mergeCharacters(characters, merges, symbols) : [whole];
    if (piece.length <= cachedPieceLength && cache.size < cachedPieces) cache.set(piece, merged);
    return merged;
  };
  return (text) => {
    const encoded: number[] = [];
    for (const part of splitAtTokens(text.toWellFormed(), userDefined)) {
      if (typeof part === "number") encoded.push(part);
      else
        for (const piece of preTokenize(part, vocabulary.pre))
          for (const id of encodePiece(piece)) encoded.push(id);
    }
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

/** Cuts text at the tokens that the model wants recognised in any text, the longest first. */
function splitAtTokens(text: string, tokens: ReadonlyMap<string, number>): (string | number)[] {
  let parts: (string | number)[] = [text];
  for (const [token, id] of [...tokens].toSorted((a, b) => b[0].length - a[0].length)) {
    parts = parts.flatMap((part) => (typeof part === "number" ? [part] : separated(part.split(token), id)));
  }
  return parts;
}

function separated(pieces: readonly string[], id: number): (string | number)[] {
  return pieces.flatMap((piece, index) => (index === 0 ? [piece] : [id, piece]));
}

function decoder(tokens: readonly string[], types: readonly number[]): Tokenizer["decode"] {
  const encoder = new TextEncoder();
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  return (ids, options = {}) => {
    const chunks: Uint8Array[] = [];
    for (const id of ids) {
      const token = tokens[id];
      if (token === undefined) throw new RangeError(`Token ${id} is not one of ${tokens.length}.`);
      const kind = types[id] ?? kinds.normal;
      if (kind === kinds.unused) continue;
      if (kind === kinds.control || kind === kinds.unknown) {
        if (options.special === true) chunks.push(encoder.encode(token));
        continue;
      }
      const bytes = kind === kinds.userDefined ? undefined : toBytes(token);
      chunks.push(bytes ?? encoder.encode(token));
    }
    return utf8.decode(Buffer.concat(chunks));
  };
}
