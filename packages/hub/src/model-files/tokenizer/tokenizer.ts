import type { Segment } from "../chat-template.ts";
import type { GgufHeader } from "../gguf/format.ts";
import type { GgufMetadata } from "../gguf/metadata.ts";
import { ModelFileInvalid, quoted } from "../invalid.ts";
import { bytePairEncoder } from "./byte-pair.ts";
import type { StretchEncoder } from "./byte-pair.ts";
import { bytesOfCharacters, bytesOfPiece, decoder } from "./decoder.ts";
import type { Decoder } from "./decoder.ts";
import { preTokenizerByName, preTokenizerTraits, trainedPreTokenizer } from "./pre-tokenizers.ts";
import { sentencePieceEncoder } from "./sentence-piece.ts";
import type { TokenizerFile } from "./train.ts";
import { idsByText, requireIds, tokenKinds, tokenSplitter, tokensOfKind } from "./vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Turns text into token numbers and back, exactly as the engine does. */
export interface Tokenizer {
  readonly vocabularySize: number;
  readonly eosId: number;
  readonly bosId?: number;
  /** The model expects its beginning-of-text token before everything else. */
  readonly addBos: boolean;
  /**
   * Plain text: control tokens that occur in it stay text. (Merging in a SentencePiece vocabulary
   * may arrive at one all the same, as in the engine.) No beginning-of-text token is added.
   */
  encode(text: string, options?: EncodeOptions): number[];
  /** Text and control tokens, as `renderChat` gives them. */
  encodeSegments(segments: readonly Segment[], options?: EncodeOptions): number[];
  /** Control tokens are left out unless `special`; bytes that are not UTF-8 become U+FFFD. */
  readonly decode: Decoder;
  tokenId(piece: string): number | undefined;
  /** Control tokens and their numbers. */
  readonly specialTokens: ReadonlyMap<string, number>;
}

export interface EncodeOptions {
  /**
   * What the text follows; nothing when it begins. A tokenizer that puts a space before a text puts
   * none in the middle of one.
   */
  after?: "text" | "token";
}

/** What differs between the kinds of tokenizers. */
interface Coding {
  readonly encode: StretchEncoder;
  readonly bytesOf: (token: string) => Uint8Array;
  /** A space is put before the text, and before what follows a token that is recognised in any text. */
  readonly addsSpace: boolean;
  /** Merging may run over a whole text; see `segmentEncoder`. */
  readonly mergesAcrossWords: boolean;
}

/**
 * The tokenizer inside a model file: byte-level BPE (`tokenizer.ggml.model` = gpt2) with the
 * pre-tokenizers that `preTokenizerNames` lists, or SentencePiece BPE (`llama`: Llama 2, Mistral,
 * Gemma).
 *
 * Errors: {@link ModelFileInvalid} for other kinds and for damaged vocabularies.
 */
export function tokenizerFromGguf(header: GgufHeader): Tokenizer {
  const { metadata } = header;
  const model = metadata.string("tokenizer.ggml.model");
  if (model === "gpt2") return bytePairTokenizer(metadata);
  if (model === "llama") return sentencePieceTokenizer(metadata);
  throw new ModelFileInvalid(
    `The tokenizer is of the kind ${quoted(model)}; supported in training are byte-level BPE ("gpt2") and SentencePiece BPE ("llama").`,
    { details: { model } },
  );
}

function bytePairTokenizer(metadata: GgufMetadata): Tokenizer {
  const name = metadata.optionalString("tokenizer.ggml.pre") ?? "";
  const pre = preTokenizerByName(name === "" ? "default" : name);
  const vocabulary: Vocabulary = {
    ...tokensOf(metadata),
    eosId: metadata.number("tokenizer.ggml.eos_token_id"),
    bosId: metadata.optionalNumber("tokenizer.ggml.bos_token_id"),
    addBos: metadata.optionalBool("tokenizer.ggml.add_bos_token") ?? preTokenizerTraits(pre).addBos,
  };
  const merges = metadata.strings("tokenizer.ggml.merges");
  return createTokenizer(vocabulary, (ids) => ({
    encode: bytePairEncoder(ids, vocabulary.tokens.length, merges, pre),
    bytesOf: bytesOfCharacters,
    addsSpace: false,
    mergesAcrossWords: false,
  }));
}

function sentencePieceTokenizer(metadata: GgufMetadata): Tokenizer {
  const vocabulary: Vocabulary = {
    ...tokensOf(metadata),
    // The engine's defaults of this kind.
    eosId: metadata.optionalNumber("tokenizer.ggml.eos_token_id") ?? 2,
    bosId: metadata.optionalNumber("tokenizer.ggml.bos_token_id") ?? 1,
    addBos: metadata.optionalBool("tokenizer.ggml.add_bos_token") ?? true,
  };
  const { length } = vocabulary.tokens;
  const scores = metadata.optionalNumbers("tokenizer.ggml.scores") ?? [];
  if (scores.length !== 0 && scores.length !== length) {
    throw new ModelFileInvalid(`tokenizer.ggml.scores has ${scores.length} entries for ${length} tokens.`);
  }
  return createTokenizer(vocabulary, (ids) => ({
    encode: sentencePieceEncoder(ids, length, scores),
    bytesOf: bytesOfPiece,
    addsSpace: metadata.optionalBool("tokenizer.ggml.add_space_prefix") ?? true,
    mergesAcrossWords: true,
  }));
}

function tokensOf(metadata: GgufMetadata): Pick<Vocabulary, "tokens" | "types" | "stripsAfterTokens"> {
  const tokens = metadata.strings("tokenizer.ggml.tokens");
  const types = metadata.optionalNumbers("tokenizer.ggml.token_type") ?? tokens.map(() => tokenKinds.normal);
  if (types.length !== tokens.length) {
    throw new ModelFileInvalid(
      `tokenizer.ggml.token_type has ${types.length} entries for ${tokens.length} tokens.`,
    );
  }
  // The engine knows this trait by the model's name; the file does not hold it.
  const stripsAfterTokens = /phi-?3/i.test(metadata.optionalString("general.name") ?? "");
  return { tokens, types, stripsAfterTokens };
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
  const vocabulary: Vocabulary = {
    tokens: file.tokens,
    types: file.tokens.map((token) => (special.has(token) ? tokenKinds.control : tokenKinds.normal)),
    eosId: idOf(file.eos),
    bosId: file.bos === undefined ? undefined : idOf(file.bos),
    addBos: false,
    stripsAfterTokens: false,
  };
  return createTokenizer(vocabulary, (ids) => ({
    encode: bytePairEncoder(ids, file.tokens.length, file.merges, trainedPreTokenizer),
    bytesOf: bytesOfCharacters,
    addsSpace: false,
    mergesAcrossWords: false,
  }));
}

function createTokenizer(
  vocabulary: Vocabulary,
  code: (ids: ReadonlyMap<string, number>) => Coding,
): Tokenizer {
  const { tokens, eosId, bosId } = vocabulary;
  requireIds({ eosId, bosId }, tokens.length);
  const ids = idsByText(tokens);
  const coding = code(ids);
  const specialTokens = tokensOfKind(vocabulary, ids, tokenKinds.control, tokenKinds.unknown);
  const userDefined = tokensOfKind(vocabulary, ids, tokenKinds.userDefined);
  const encodeStretch = textEncoder(coding, tokenSplitter(userDefined, vocabulary.stripsAfterTokens));
  const encodeSegment = segmentEncoder(coding, encodeStretch);
  const encode = (text: string, { after }: EncodeOptions = {}): number[] =>
    after === "token" ? encodeSegment(text) : encodeStretch(text, after === "text");
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
    encodeSegments: (segments, options) =>
      segments.flatMap((segment, index) => {
        if ("special" in segment) return [specialId(segment.special)];
        return encode(segment.text, index === 0 ? options : { after: "token" });
      }),
    decode: decoder(vocabulary, coding.bytesOf, coding.addsSpace),
  };
}

type TextEncoding = (text: string, continues: boolean) => number[];

function textEncoder(coding: Coding, split: (text: string) => (string | number)[]): TextEncoding {
  return (text, continues) => {
    const encoded: number[] = [];
    let addsSpace = coding.addsSpace && !continues;
    for (const part of split(text.toWellFormed())) {
      if (typeof part === "number") encoded.push(part);
      else for (const id of coding.encode(addsSpace ? ` ${part}` : part)) encoded.push(id);
      addsSpace = coding.addsSpace && typeof part === "number";
    }
    return encoded;
  };
}

/**
 * Encodes text that follows a control token. The engine puts no space before it, which it arranges
 * by encoding the text behind a line break; where that does not work it encodes the text alone.
 */
function segmentEncoder({ mergesAcrossWords }: Coding, encode: TextEncoding): (text: string) => number[] {
  if (!mergesAcrossWords) return (text) => encode(text, false);
  const lineBreak = encode("\n", false);
  return (text) => {
    if (text.startsWith("\n")) return encode(text, false);
    const behind = encode(`\n${text}`, false);
    return lineBreak.every((id, index) => behind[index] === id)
      ? behind.slice(lineBreak.length)
      : encode(text, false);
  };
}
