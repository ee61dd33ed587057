import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toByteCharacters } from "./byte-level.ts";
import { preTokenize, trainedPreTokenizer } from "./pre-tokenizers.ts";
import { trainTokenizer } from "./train.ts";

const options = { vocabularySize: 300, specialTokens: ["<|end|>"], eos: "<|end|>" };

/** The definition without any bookkeeping: count all pairs anew for each merge. */
function slowly(texts: readonly string[], merges: number): string[] {
  const words = texts
    .flatMap((text) => [...preTokenize(text, trainedPreTokenizer)])
    .map((word) => Array.from(toByteCharacters(word)));
  const order = new Map<string, number>(
    Array.from({ length: 256 }, (_, byte) => [toByteCharacters(String.fromCharCode(byte)), byte]),
  );
  const found: string[] = [];
  const rank = (token: string): number => order.get(token) ?? Infinity;
  for (let round = 0; round < merges; round++) {
    const counts = new Map<string, number>();
    for (const word of words) {
      for (let at = 0; at + 1 < word.length; at++) {
        const pair = `${word[at]} ${word[at + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
      }
    }
    const best = [...counts].toSorted(([a, m], [b, n]) => {
      const [left = "", right = ""] = a.split(" ");
      const [otherLeft = "", otherRight = ""] = b.split(" ");
      return n - m || rank(left) - rank(otherLeft) || rank(right) - rank(otherRight);
    })[0];
    if (best === undefined) break;
    const [left = "", right = ""] = best[0].split(" ");
    found.push(best[0]);
    if (!order.has(left + right)) order.set(left + right, 256 + order.size);
    for (const word of words) {
      for (let at = 0; at + 1 < word.length; at++)
        if (word[at] === left && word[at + 1] === right) word.splice(at, 2, left + right);
    }
  }
  return found;
}

describe("trainTokenizer", () => {
  test("finds the merges of the definition", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c", " "), maxLength: 40 });
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 6 }), (texts) => {
        const { merges } = trainTokenizer(texts, { ...options, vocabularySize: 257 + 12 });
        const expected = slowly(texts, 40).filter((merge, index, list) => list.indexOf(merge) === index);
        expect(merges).toEqual(expected.slice(0, merges.length));
      }),
      { numRuns: 200 },
    );
  });

  test("does not depend on the order of the texts", () => {
    const texts = ["abab abc", "the cat", "the dog and the cat", "ab"];
    expect(trainTokenizer(texts.toReversed(), options)).toEqual(trainTokenizer(texts, options));
  });

  test("lists special tokens, bytes and merges in this order, each once", () => {
    const { tokens, merges } = trainTokenizer(["the cat sat on the mat under another tree ".repeat(9)], {
      ...options,
      vocabularySize: 270,
    });
    expect(tokens[0]).toBe("<|end|>");
    expect(tokens.length).toBe(270);
    expect(tokens[257]).toBe((merges[0] ?? "").replace(" ", ""));
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test("learns nothing from special tokens in the texts", () => {
    const { merges } = trainTokenizer(["<|end|>".repeat(100)], options);
    expect(merges).toEqual([]);
  });

  test("stops when there is nothing left to merge", () => {
    const { tokens } = trainTokenizer(["ab ab"], options);
    expect(tokens.length).toBe(257 + 2);
  });

  test.each([
    [{ vocabularySize: 200 }, /needs at least 257 tokens/],
    [{ eos: "<|other|>" }, /must be one of the special tokens/],
    [{ specialTokens: ["<|end|>", "a"] }, /at least two printable characters/],
    [{ specialTokens: ["<|end|>", "Ġthe"] }, /at least two printable characters/],
    [{ specialTokens: ["<|end|>", ""] }, /at least two printable characters/],
  ])("refuses %j", (change, message) => {
    expect(() => trainTokenizer(["abc"], { ...options, ...change })).toThrow(message);
  });
});
