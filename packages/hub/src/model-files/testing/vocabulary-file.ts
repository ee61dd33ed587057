import { writeGguf } from "../gguf/write.ts";
import type { GgufEntry } from "../gguf/write.ts";
import { byteCharacters } from "../tokenizer/byte-level.ts";
import { byteTokenName } from "../tokenizer/sentence-piece.ts";

/** Numbers of `tokenizer.ggml.token_type` that fixtures use. */
export const types = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

interface FixtureToken {
  readonly text: string;
  readonly type?: number;
  readonly score?: number;
}

/**
 * Writes a model file of which only the tokenizer is of use: the engine reads it with `vocabOnly`.
 *
 * @param list of equal texts the first counts: the engine wants each once
 * @param more further metadata, over what the tokens give
 */
export async function writeVocabulary(
  path: string,
  kind: "gpt2" | "llama",
  list: readonly FixtureToken[],
  more: readonly GgufEntry[] = [],
): Promise<void> {
  const seen = new Set<string>();
  const tokens = list.filter(({ text }) => !seen.has(text) && seen.add(text));
  const metadata: GgufEntry[] = [
    ["general.architecture", "string", "llama"],
    ["general.name", "string", "vocabulary"],
    ["llama.vocab_size", "u32", tokens.length],
    ["llama.context_length", "u32", 64],
    ["llama.embedding_length", "u32", 32],
    ["llama.block_count", "u32", 1],
    ["llama.feed_forward_length", "u32", 32],
    ["llama.attention.head_count", "u32", 1],
    ["llama.attention.layer_norm_rms_epsilon", "f32", 1e-5],
    ["tokenizer.ggml.model", "string", kind],
    ["tokenizer.ggml.tokens", "string[]", tokens.map(({ text }) => text)],
    ["tokenizer.ggml.token_type", "i32[]", tokens.map(({ type }) => type ?? types.normal)],
  ];
  if (kind === "llama") {
    metadata.push(["tokenizer.ggml.scores", "f32[]", tokens.map(({ score }) => score ?? 0)]);
  }
  const replaced = new Set(more.map(([key]) => key));
  await writeGguf(path, {
    metadata: [...metadata.filter(([key]) => !replaced.has(key)), ...more],
    tensors: [{ name: "token_embd.weight", shape: [1, 32], type: "F32", data: new Float32Array(32) }],
  });
}

/**
 * A byte-level vocabulary that shows every cut: each two bytes merge, in a scattered order, so that
 * one cut more or less moves the pairs of the whole piece.
 *
 * @param first tokens before the bytes
 */
export function pairVocabulary(first: readonly FixtureToken[]): { tokens: FixtureToken[]; merges: string[] } {
  const merges: string[] = [];
  for (let index = 0; index < 65_536; index++) {
    // 40503 is odd: every pair once, neighbours far apart.
    const pair = Math.imul(index, 40_503) & 0xffff;
    merges.push(`${byteCharacters[pair >> 8] ?? ""} ${byteCharacters[pair & 255] ?? ""}`);
  }
  const pairs = merges.map((merge) => merge.replace(" ", ""));
  return { tokens: [...first, ...[...byteCharacters, ...pairs].map((text) => ({ text }))], merges };
}

/** The tokens that every SentencePiece vocabulary begins with: three control tokens and the bytes. */
export function sentencePieceBeginning(): FixtureToken[] {
  return [
    { text: "<unk>", type: types.unknown },
    { text: "<s>", type: types.control },
    { text: "</s>", type: types.control },
    ...Array.from({ length: 256 }, (_, byte) => ({ text: byteTokenName(byte), type: types.byte })),
  ];
}

/**
 * Pieces of some texts: every stretch of up to `longest` characters that occurs, the frequent ones
 * with the higher score; like in real vocabularies many have the same.
 */
export function piecesOf(texts: readonly string[], longest: number, most: number): FixtureToken[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const characters = Array.from(text.replaceAll(" ", "\u2581"));
    characters.forEach((_, start) => {
      for (let end = start + 1; end <= Math.min(start + longest, characters.length); end++) {
        const piece = characters.slice(start, end).join("");
        counts.set(piece, (counts.get(piece) ?? 0) + 1);
      }
    });
  }
  return [...counts]
    .toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, most)
    .map(([text, count]) => ({ text, score: -1000 / count }));
}
