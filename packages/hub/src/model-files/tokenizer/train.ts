import { ModelFileInvalid, quoted } from "../invalid.ts";
import { byteCharacters, toByteCharacters, toBytes } from "./byte-level.ts";
import { PairCounts } from "./pair-counts.ts";
import { preTokenize, trainedPreTokenizer } from "./pre-tokenizers.ts";

/** A byte-level BPE tokenizer as data. */
export interface TokenizerFile {
  /** Special tokens, the 256 bytes, then merged tokens in the order of their merges. */
  tokens: string[];
  /** `left right`, in order of priority. */
  merges: string[];
  /** Those of `tokens` that are control tokens. */
  specialTokens: string[];
  /** Ends an answer. */
  eos: string;
  bos?: string;
}

export interface TokenizerTraining {
  /** Special tokens and bytes included. A corpus with too few different words gives fewer. */
  vocabularySize: number;
  specialTokens: readonly string[];
  /** One of `specialTokens`. */
  eos: string;
  bos?: string;
}

/**
 * Learns byte-level BPE merges: repeatedly the most frequent neighbouring pair becomes a token; of
 * equally frequent pairs the one of the lower token numbers. The same texts give the same
 * tokenizer, in any order of texts. Special tokens that occur in the texts are passed over.
 *
 * Errors: {@link ModelFileInvalid} when the options contradict each other.
 * Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units".
 */
export function trainTokenizer(texts: Iterable<string>, options: TokenizerTraining): TokenizerFile {
  const specialTokens = [...new Set(options.specialTokens)];
  checkOptions(options, specialTokens);
  const tokens = [...specialTokens, ...byteCharacters];
  const ids = new Map(tokens.map((token, id) => [token, id]));
  const merges = new Set<string>();
  const words = countWords(texts, specialTokens);
  const byteIds = new Map(byteCharacters.map((character, byte) => [character, specialTokens.length + byte]));
  const pairs = new PairCounts(
    words.map(([word, count]) => [Array.from(word).map((character) => byteIds.get(character) ?? 0), count]),
  );
  while (tokens.length < options.vocabularySize) {
    const pair = pairs.mostFrequent();
    if (pair === undefined) break;
    const left = tokens[pair.left] ?? "";
    const right = tokens[pair.right] ?? "";
    merges.add(`${left} ${right}`);
    // Two ways of merging can lead to one string: it stays one token.
    const known = ids.get(left + right);
    const id = known ?? tokens.length;
    if (known === undefined) {
      ids.set(left + right, id);
      tokens.push(left + right);
    }
    pairs.merge(pair, id);
  }
  const { eos, bos } = options;
  return { tokens, merges: [...merges], specialTokens, eos, ...(bos === undefined ? {} : { bos }) };
}

function checkOptions({ vocabularySize, eos, bos }: TokenizerTraining, special: readonly string[]): void {
  const smallest = special.length + 256;
  if (!Number.isInteger(vocabularySize) || vocabularySize < smallest || vocabularySize >= 2 ** 20) {
    throw new ModelFileInvalid(
      `A vocabulary with ${special.length} special tokens needs at least ${smallest} tokens and fewer than ${2 ** 20}; found ${vocabularySize}.`,
    );
  }
  for (const token of [eos, ...(bos === undefined ? [] : [bos])]) {
    if (!special.includes(token)) throw new ModelFileInvalid(`${token} must be one of the special tokens.`);
  }
  for (const token of special) {
    // Anything else that is spelt in byte characters could also come out of merging.
    const isPlain = /^[!-~]{2,}$/.test(token) || (token !== "" && toBytes(token) === undefined);
    if (!isPlain) {
      throw new ModelFileInvalid(
        `A special token needs at least two printable characters, such as <|end|>; found ${quoted(token)}.`,
      );
    }
  }
}

/** Different pieces in byte characters with how often they occur, sorted, so that the order of texts does not matter. */
function countWords(texts: Iterable<string>, special: readonly string[]): [word: string, count: number][] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const stretch of withoutSpecial(text, special)) {
      for (const piece of preTokenize(stretch.toWellFormed(), trainedPreTokenizer)) {
        counts.set(piece, (counts.get(piece) ?? 0) + 1);
      }
    }
  }
  return [...counts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([piece, count]) => [toByteCharacters(piece), count]);
}

function withoutSpecial(text: string, special: readonly string[]): string[] {
  let stretches = [text];
  for (const token of special.toSorted((a, b) => b.length - a.length)) {
    stretches = stretches.flatMap((stretch) => stretch.split(token));
  }
  return stretches;
}
