import { getLlama } from "node-llama-cpp";
import type { Llama, LlamaModel } from "node-llama-cpp";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Segment } from "../chat-template.ts";
import { readGgufHeader } from "../gguf/read.ts";
import type { GgufEntry } from "../gguf/write.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import {
  pairVocabulary,
  piecesOf,
  sentencePieceBeginning,
  types,
  writeVocabulary,
} from "../testing/vocabulary-file.ts";
import { tokenizerFromGguf } from "./tokenizer.ts";
import type { Tokenizer } from "./tokenizer.ts";

let llama: Llama;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1, progressLogs: false });
  folder = await temporaryFolder();
});

afterAll(async () => {
  await llama.dispose();
  await folder[Symbol.asyncDispose]();
});

/** What tokenizers stumble over. */
const controlLike = [
  "<|end|>",
  "<|en",
  "<s>",
  "</s>",
  "<unk>",
  "<0x0A>",
  "<think>",
  "<think>>",
  "[INST]",
  "</thi",
];
const words = [
  "the",
  " the",
  "The",
  "THE",
  "McDonald",
  "iPhone",
  "Größe",
  "ÄÖ→ö",
  "Привет",
  "’",
  "'s",
  "'LL",
  "'ſ",
  "'",
];
const spaces = [
  " ",
  "  ",
  "   ",
  "\t",
  "\n",
  "\n\n",
  "\r\n",
  " \n ",
  "\u{0}",
  "\u{b}",
  "\u{1c}",
  "\u{85}",
  "\u{a0}",
];
const marks = [
  "\u{feff}",
  "\u{200b}",
  "\u{2028}",
  "\u{3000}",
  "\u{2581}",
  "\u{2581}\u{2581}the",
  "\u{fffd}",
  "\u{378}",
];
const scripts = [
  "é",
  "e\u{301}",
  "漢字",
  "かな",
  "ﷺ",
  "🎉",
  "👩‍👩‍👧",
  "हिन्दी",
  "ไทย",
  "\u{1c89}",
  "\u{105c0}",
  "\u{323b0}",
];
const numbers = ["²", "½", "Ⅷ", "१", "1", "12345", "3.14"];
const code = ["!?", "...", "/*", "*/\n", "{\n\t}", "=>", "$x", "a_b", "://"];
const fragments = [...controlLike, ...words, ...spaces, ...marks, ...scripts, ...numbers, ...code];

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 60 }),
  fc.array(fc.constantFrom(...fragments), { maxLength: 25 }).map((parts) => parts.join("")),
  // Halves of surrogate pairs: a JavaScript string may hold them alone.
  fc
    .array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 12 })
    .map((units) => String.fromCharCode(...units)),
);

async function withBoth(
  path: string,
  use: (model: LlamaModel, tokenizer: Tokenizer) => void | Promise<void>,
): Promise<void> {
  const tokenizer = tokenizerFromGguf(await readGgufHeader(path));
  const model = await llama.loadModel({ modelPath: path, vocabOnly: true });
  try {
    await use(model, tokenizer);
  } finally {
    await model.dispose();
  }
}

const userDefined = ["<think>", "<think>>", "</thi", "→", "  "].map((text) => ({
  text,
  type: types.userDefined,
}));

describe("byte-level vocabularies", () => {
  test.each([
    ["qwen2", 2000],
    ["qwen35", 2000],
    ["deepseek-r1-qwen", 200],
    ["llama-bpe", 2000],
    ["smaug-bpe", 2000],
    ["smollm", 2000],
    ["gpt-2", 1000],
    // The engine takes milliseconds a text for these.
    ["tekken", 1000],
    ["default", 1000],
    [null, 300],
  ])("cut as %s", { timeout: 120_000 }, async (pre, numRuns) => {
    const { tokens, merges } = pairVocabulary([{ text: "<|end|>", type: types.control }, ...userDefined]);
    const path = folder.file(`${pre}.gguf`);
    const named: GgufEntry[] = pre === null ? [] : [["tokenizer.ggml.pre", "string", pre]];
    await writeVocabulary(path, "gpt2", tokens, [
      ...named,
      ["tokenizer.ggml.merges", "string[]", merges],
      ["tokenizer.ggml.eos_token_id", "u32", 0],
      ["tokenizer.ggml.bos_token_id", "u32", 0],
    ]);
    await withBoth(path, (model, tokenizer) => {
      expect(tokenizer.addBos).toBe(model.tokens.shouldPrependBosToken);
      fc.assert(
        fc.property(anyText, (text) => {
          const ids = tokenizer.encode(text);
          expect(ids).toEqual(model.tokenize(text.toWellFormed(), false));
          expect(tokenizer.decode(ids)).toBe(text.toWellFormed());
        }),
        { numRuns },
      );
    });
  });
});

const corpus = [
  "The quick brown fox jumps over the lazy dog.  And the other one, the THE:\n\n    if (x) {\n\t}\n",
  "naïve Größe, élan. Привет, мир! 漢字 かな 12345 3.14 \u{2581}\u{2581}x a\u{301}b <s> </s> </ s> <think> [INST] hi [/INST]",
];

function sentencePieces(more: readonly { text: string; type?: number; score?: number }[] = []) {
  return [...sentencePieceBeginning(), ...more, ...piecesOf(corpus, 6, 1200)];
}

/** Kinds of SentencePiece vocabularies: tokens and what the file says beside them. */
const kinds: Record<string, [tokens: ReturnType<typeof sentencePieces>, metadata: GgufEntry[]]> = {
  "of Llama 2": [sentencePieces(), []],
  "of Mistral, with control tokens in brackets": [
    sentencePieces(["[INST]", "[/INST]"].map((text) => ({ text, type: types.control }))),
    [
      ["tokenizer.ggml.bos_token_id", "u32", 1],
      ["tokenizer.ggml.eos_token_id", "u32", 2],
      ["tokenizer.ggml.add_bos_token", "bool", false],
    ],
  ],
  "of Gemma, without a space in front": [
    sentencePieces([
      { text: "<start_of_turn>", type: types.control },
      { text: "<end_of_turn>", type: types.control },
      { text: "<unused0>", type: types.unused },
      ...["\n\n", "\n\n\n", "  ", "   ", "    ", "<table>"].map((text) => ({
        text,
        type: types.userDefined,
        score: -1000,
      })),
    ]),
    [["tokenizer.ggml.add_space_prefix", "bool", false]],
  ],
  "with user-defined tokens and a space in front": [sentencePieces(userDefined), []],
  "of a model whose tokens swallow the space behind them": [
    sentencePieces([...userDefined, { text: "<|endoftext|>", type: types.control }]),
    [["general.name", "string", "Phi-3 tuned"]],
  ],
};

describe("SentencePiece vocabularies", () => {
  test.each(Object.keys(kinds))("%s", { timeout: 120_000 }, async (name) => {
    const path = folder.file(`${Object.keys(kinds).indexOf(name)}.gguf`);
    const [tokens, metadata] = kinds[name] ?? [[], []];
    await writeVocabulary(path, "llama", tokens, metadata);
    await withBoth(path, (model, tokenizer) => {
      expect(tokenizer.addBos).toBe(model.tokens.shouldPrependBosToken);
      expect(tokenizer.bosId).toBe(model.tokens.bos);
      expect(tokenizer.eosId).toBe(model.tokens.eos);
      fc.assert(
        fc.property(anyText, (text) => {
          const ids = model.tokenize(text.toWellFormed(), false);
          expect(tokenizer.encode(text)).toEqual(ids);
          expect(tokenizer.decode(ids)).toBe(model.detokenize(ids));
          expect(tokenizer.decode(ids, { special: true })).toBe(model.detokenize(ids, true));
        }),
        { numRuns: 3000 },
      );
    });
  });

  test.each(Object.keys(kinds))("text between control tokens, %s", { timeout: 120_000 }, async (name) => {
    const path = folder.file(`segments-${Object.keys(kinds).indexOf(name)}.gguf`);
    const [tokens, metadata] = kinds[name] ?? [[], []];
    await writeVocabulary(path, "llama", tokens, metadata);
    await withBoth(path, (model, tokenizer) => {
      fc.assert(
        fc.property(fc.array(anyText, { minLength: 1, maxLength: 4 }), fc.boolean(), (texts, begun) => {
          const segments: Segment[] = begun ? [{ special: "<s>" }] : [];
          for (const text of texts) segments.push({ text: text.toWellFormed() }, { special: "</s>" });
          // As the llama engine of this project does it.
          const expected = segments.flatMap((segment, index) => {
            if ("special" in segment) return [segment.special === "<s>" ? 1 : 2];
            return model.tokenize(segment.text, false, ...(index === 0 ? [] : ["trimLeadingSpace" as const]));
          });
          expect(tokenizer.encodeSegments(segments)).toEqual(expected);
        }),
        { numRuns: 1000 },
      );
    });
  });

  test("a text that goes on has no space before it and decodes to itself", async () => {
    const path = folder.file("continued.gguf");
    await writeVocabulary(path, "llama", sentencePieces());
    const tokenizer = tokenizerFromGguf(await readGgufHeader(path));
    const beginning = tokenizer.encode("The quick");
    const end = tokenizer.encode("brown", { after: "text" });
    expect(tokenizer.decode([...beginning, ...end])).toBe("The quickbrown");
    expect(tokenizer.decode(tokenizer.encode(" fox", { after: "text" }), { continues: true })).toBe(" fox");
    expect(tokenizer.decode(tokenizer.encode("fox"))).toBe("fox");
    expect(tokenizer.encode("fox")).not.toEqual(tokenizer.encode("fox", { after: "text" }));
  });
});
