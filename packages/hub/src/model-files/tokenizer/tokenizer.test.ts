import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteCharacters, toByteCharacters, toBytes } from "./byte-level.ts";
import { mergePiece, mergeTable } from "./merge.ts";
import { preTokenize, preTokenizerByName } from "./pre-tokenizers.ts";
import { tokenizerFromFile } from "./tokenizer.ts";
import { trainTokenizer } from "./train.ts";

const corpus = [
  "the quick brown fox jumps over the lazy dog",
  "the theme of the thesis is that the thing thinks",
  "Привет, мир! 你好，世界 🎉🎉",
  "<|im_end|> 1234 1234 <|im_end|>",
];
const special = ["<|im_start|>", "<|im_end|>"];
const file = trainTokenizer(corpus, { vocabularySize: 330, specialTokens: special, eos: "<|im_end|>" });
const tokenizer = tokenizerFromFile(file);

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc
    .array(fc.constantFrom(...special, "the", " ", "\n", "é", "🎉", "\u{feff}", "1", "'s", "\t"), {
      maxLength: 30,
    })
    .map((parts) => parts.join("")),
);

describe("byte characters", () => {
  test("are 256 different printable characters with the known anchors", () => {
    expect(new Set(byteCharacters).size).toBe(256);
    expect(byteCharacters[0x20]).toBe("Ġ");
    expect(byteCharacters[0x0a]).toBe("Ċ");
    expect(byteCharacters[0x41]).toBe("A");
    expect(byteCharacters[0xad]).toBe("Ń");
  });

  test("stand for bytes and back", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(Buffer.from(toBytes(toByteCharacters(text)) ?? []).toString()).toBe(text);
      }),
    );
    expect(toBytes("漢")).toBeUndefined();
  });
});

describe("pre-tokenizers", () => {
  test.each<[string, string[]]>([
    ["gpt-2", ["I", "'ll", " pay", " 1234", "  ", " dollars", "!\n", "\n"]],
    ["qwen2", ["I", "'ll", " pay", " ", "1", "2", "3", "4", "  ", " dollars", "!\n\n"]],
    ["llama-bpe", ["I", "'ll", " pay", " ", "123", "4", "  ", " dollars", "!\n\n"]],
  ])("%s cuts as its model was trained", (name, pieces) => {
    const found = [...preTokenize("I'll pay 1234   dollars!\n\n", preTokenizerByName(name))];
    // GPT-2 keeps the mark apart from the line ends.
    expect(found).toEqual(name === "gpt-2" ? [...pieces.slice(0, -2), "!", "\n\n"] : pieces);
  });

  test.each(["gpt-2", "qwen2", "llama-bpe"])("pieces of %s joined are the text", (name) => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect([...preTokenize(text, preTokenizerByName(name))].join("")).toBe(text);
      }),
    );
  });

  test("an unknown one is named in the refusal", () => {
    expect(() => preTokenizerByName("deepseek-llm")).toThrow(
      /"deepseek-llm"; supported in training are default, gpt-2/,
    );
  });
});

describe("merging", () => {
  /** The definition, word for word: the lowest rank first, the leftmost of equals. */
  function slowly(
    symbols: readonly number[],
    ranks: ReadonlyMap<string, [rank: number, token: number]>,
  ): number[] {
    const tokens = [...symbols];
    for (;;) {
      let best: { rank: number; at: number; token: number } | undefined;
      for (let at = 0; at + 1 < tokens.length; at++) {
        const [rank, token] = ranks.get(`${tokens[at]},${tokens[at + 1]}`) ?? [Infinity, 0];
        if (rank < (best?.rank ?? Infinity)) best = { rank, at, token };
      }
      if (best === undefined) return tokens;
      tokens.splice(best.at, 2, best.token);
    }
  }

  test("gives what the definition gives", () => {
    const pair = fc.tuple(fc.nat(5), fc.nat(5));
    const table = fc.uniqueArray(pair, { selector: String, maxLength: 20 });
    fc.assert(
      fc.property(table, fc.array(fc.nat(3), { maxLength: 40 }), (pairs, symbols) => {
        const rows = pairs.map(([left, right], rank): [number, number, { rank: number; token: number }] => [
          left,
          right,
          { rank, token: rank % 6 },
        ]);
        const ranks = new Map(
          rows.map(([left, right, { rank, token }]) => [
            `${left},${right}`,
            [rank, token] as [number, number],
          ]),
        );
        expect(mergePiece(symbols, mergeTable(rows))).toEqual(slowly(symbols, ranks));
      }),
      { numRuns: 500 },
    );
  });

  test("a piece of a million letters is merged", () => {
    const merged = mergePiece(
      Array<number>(1_000_000).fill(0),
      mergeTable([
        [0, 0, { rank: 0, token: 1 }],
        [1, 1, { rank: 1, token: 2 }],
      ]),
    );
    expect(merged.length).toBe(250_000);
  });
});

describe("a trained tokenizer", () => {
  test("gives any text back", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text.toWellFormed());
      }),
      { numRuns: 500 },
    );
  });

  test("never makes a control token of plain text", () => {
    const control = new Set(tokenizer.specialTokens.values());
    expect(control.size).toBe(2);
    fc.assert(
      fc.property(anyText, (text) => {
        expect(tokenizer.encode(text).filter((id) => control.has(id))).toEqual([]);
      }),
    );
  });

  test("merges what is frequent", () => {
    expect(tokenizer.encode(" the").length).toBe(1);
    expect(tokenizer.encode("the theme of").length).toBeLessThan("the theme of".length / 2);
  });

  test("encodes segments with control tokens and leaves them out when decoding, unless asked", () => {
    const ids = tokenizer.encodeSegments([
      { special: "<|im_start|>" },
      { text: "the dog" },
      { special: "<|im_end|>" },
    ]);
    expect(ids.at(0)).toBe(tokenizer.tokenId("<|im_start|>"));
    expect(ids.at(-1)).toBe(tokenizer.eosId);
    expect(tokenizer.decode(ids)).toBe("the dog");
    expect(tokenizer.decode(ids, { special: true })).toBe("<|im_start|>the dog<|im_end|>");
    expect(() => tokenizer.encodeSegments([{ special: "<|nope|>" }])).toThrow(/not a control token/);
    expect(() => tokenizer.decode([9999])).toThrow(RangeError);
  });

  test("is refused when it lacks its special tokens", () => {
    expect(() => tokenizerFromFile({ ...file, eos: "<|gone|>" })).toThrow(/lacks its special token/);
    expect(() => tokenizerFromFile({ ...file, merges: ["nopair"] })).toThrow(/merge 0 is not a pair/);
  });
});
