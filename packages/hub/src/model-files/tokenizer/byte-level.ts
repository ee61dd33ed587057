import { ModelFileInvalid, quoted } from "../invalid.ts";

/**
 * The character that stands for each byte in the vocabulary of a byte-level tokenizer: printable
 * Latin-1 characters stand for themselves, the other bytes for U+0100 onwards in order (source: the
 * GPT-2 vocabulary).
 */
export const byteCharacters: readonly string[] = makeByteCharacters();

const characterBytes: ReadonlyMap<string, number> = new Map(
  byteCharacters.map((character, byte) => [character, byte]),
);

function makeByteCharacters(): string[] {
  const standsForItself = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(standsForItself(byte) ? byte : next++));
}

const encoder = new TextEncoder();

/** Text as one vocabulary character for each of its UTF-8 bytes; lone surrogates become U+FFFD. */
export function toByteCharacters(text: string): string {
  let characters = "";
  for (const byte of encoder.encode(text)) characters += byteCharacters[byte] ?? "";
  return characters;
}

/** The bytes that a token of the vocabulary stands for; undefined when it is not made of byte characters. */
export function toBytes(piece: string): Uint8Array | undefined {
  const bytes = new Uint8Array(piece.length);
  for (let index = 0; index < piece.length; index++) {
    const byte = characterBytes.get(piece.charAt(index));
    if (byte === undefined) return undefined;
    bytes[index] = byte;
  }
  return bytes;
}

// White_Space in place of \s: JavaScript's \s lacks U+0085 and has U+FEFF, unlike llama.cpp's.
const space = String.raw`\p{White_Space}`;

/** How text is cut into pieces before merging, by `tokenizer.ggml.pre`. */
const patterns = {
  gpt2: String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^${space}\p{L}\p{N}]+|${space}+(?!\P{White_Space})|${space}+`,
  llama3: String.raw`'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^${space}\p{L}\p{N}]+[\r\n]*|${space}*[\r\n]+|${space}+(?!\P{White_Space})|${space}+`,
  qwen2: String.raw`'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^${space}\p{L}\p{N}]+[\r\n]*|${space}*[\r\n]+|${space}+(?!\P{White_Space})|${space}+`,
} as const;

export type PreTokenizer = keyof typeof patterns;

/**
 * The cut of the tokenizers that are trained here, by its name in model files. Of those that every
 * llama.cpp knows it is one under which decoding gives the text back as it was: under `gpt-2` the
 * engine drops spaces before punctuation when it decodes several tokens at once.
 */
export const trainedPreTokenizer = "qwen2" satisfies PreTokenizer;

const byName: ReadonlyMap<string, PreTokenizer> = new Map<string, PreTokenizer>([
  ["gpt-2", "gpt2"],
  ["llama-bpe", "llama3"],
  ["llama3", "llama3"],
  ["llama-v3", "llama3"],
  ["qwen2", "qwen2"],
]);

/** The cut that `tokenizer.ggml.pre` names. Errors: {@link ModelFileInvalid} for one that is not supported. */
export function preTokenizerByName(name: string): PreTokenizer {
  const found = byName.get(name);
  if (found === undefined) {
    throw new ModelFileInvalid(
      `The tokenizer cuts text in the way ${quoted(name)}; supported in training are ${[...byName.keys()].join(", ")}.`,
      { details: { pre: name } },
    );
  }
  return found;
}

const compiled = new Map<PreTokenizer, RegExp>();

/** Cuts text into the pieces inside which tokens are merged; joined they are the text again. */
export function* preTokenize(text: string, kind: PreTokenizer): Generator<string> {
  const pattern = compiled.get(kind) ?? new RegExp(patterns[kind], "gu");
  compiled.set(kind, pattern);
  for (const match of text.matchAll(pattern)) yield match[0];
}
