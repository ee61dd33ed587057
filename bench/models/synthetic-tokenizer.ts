import { byteCharacters } from "../../packages/hub/src/model-files/tokenizer/byte-level.ts";
import type { TokenizerFile } from "../../packages/hub/src/model-files/tokenizer/train.ts";

const specialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/** English letters, the frequent ones first. */
const letters = "etaoinshrdlucmfwypvbgkqjxz";

/**
 * A byte-level BPE tokenizer of exactly `vocabularySize` tokens in which every token can be reached
 * by merges: pairs of letters with and without a space before them, then pairs of those. It cuts
 * English into a realistic number of tokens without a corpus to learn from.
 */
export function syntheticTokenizer(vocabularySize: number): TokenizerFile {
  const smallest = specialTokens.length + 256;
  if (vocabularySize < smallest) {
    throw new RangeError(`A vocabulary needs at least ${smallest} tokens; ${vocabularySize} asked for.`);
  }
  const tokens = [...specialTokens, ...byteCharacters];
  const merges: string[] = [];
  for (const [left, right] of mergesInOrder()) {
    if (tokens.length === vocabularySize) break;
    merges.push(`${left} ${right}`);
    tokens.push(left + right);
  }
  if (tokens.length < vocabularySize) {
    throw new RangeError(`At most ${tokens.length} tokens can be made; ${vocabularySize} asked for.`);
  }
  return { tokens, merges, specialTokens, eos: "<|im_end|>", bos: "<|endoftext|>" };
}

/** Pairs that give a different string each. */
function* mergesInOrder(): Generator<[left: string, right: string]> {
  const space = byteCharacters[0x20] ?? "";
  const pairs: string[] = [];
  for (const first of letters) {
    for (const second of letters) {
      pairs.push(first + second);
      yield [first, second];
    }
  }
  for (const letter of letters) yield [space, letter];
  for (const pair of pairs) yield [space, pair];
  for (const left of pairs) {
    for (const right of pairs) yield [left, right];
  }
}
