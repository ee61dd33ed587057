import { getLlama, LlamaGrammarEvaluationState, TokenBias } from "node-llama-cpp";
import type { Llama, LlamaModel, Token } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chatmlTemplate } from "../../model-files/chat-template.ts";
import { writeDecoderModel } from "../../model-files/gguf/decoder-model.ts";
import { readGgufHeader } from "../../model-files/gguf/read.ts";
import { temporaryFolder } from "../../model-files/testing/temporary-folder.ts";
import { tinyShape, tinyWeights } from "../../model-files/testing/tiny-model.ts";
import { trainTokenizer } from "../../model-files/tokenizer/train.ts";
import { Vocabulary } from "../engines/llama/vocabulary.ts";
import type { Tool } from "../engine.ts";
import { chatGrammar } from "./chat-grammar.ts";
import type { CallSyntax } from "./call-syntax.ts";
import { ChatReader } from "./chat-reader.ts";
import { deepseekFencedSyntax, deepseekSyntax } from "./formats/deepseek.ts";
import { harmonySyntax } from "./formats/harmony.ts";
import { hermesSyntax } from "./formats/hermes.ts";
import { llamaSyntax } from "./formats/llama.ts";
import { mistralListSyntax, mistralNamedSyntax } from "./formats/mistral.ts";
import { qwenXmlSyntax } from "./formats/qwen-xml.ts";
import { reasoningOf } from "./reasoning.ts";
import { templates } from "./testing/templates.ts";

/*
 * A model with random weights, held by the grammar, writes a random text that the grammar allows: what comes must
 * be calls for the reader. The marks are control tokens, as in the models that the forms come from.
 */

const syntaxes: readonly CallSyntax[] = [
  hermesSyntax,
  qwenXmlSyntax,
  llamaSyntax,
  mistralListSyntax,
  mistralNamedSyntax,
  deepseekFencedSyntax,
  deepseekSyntax,
  harmonySyntax,
];

/** Every value is short, because random weights hardly ever end a text. */
const light: Tool = {
  name: "set_light",
  description: null,
  parameters: {
    type: "object",
    properties: {
      room: { enum: ["hall", "attic", 'a "b" {<\'}'] },
      level: { type: "integer", minimum: 0, maximum: 100 },
      steps: { type: "array", items: { type: "boolean" }, maxItems: 2 },
    },
    required: ["room", "level"],
    additionalProperties: false,
  },
  strict: true,
};
const off: Tool = {
  ...light,
  name: "off",
  parameters: { type: "object", properties: {}, additionalProperties: false },
};
const tools: readonly Tool[] = [light, off];

let llama: Llama;
let model: LlamaModel;
let vocabulary: Vocabulary;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  const path = folder.file("marks.gguf");
  const tokenizer = trainTokenizer(
    ["a name of arguments and parameters in a function call of json, true or false"],
    {
      vocabularySize: 340,
      specialTokens: ["<|im_end|>", "<think>", "</think>", ...syntaxes.flatMap(({ markers }) => markers)],
      eos: "<|im_end|>",
    },
  );
  const shape = { ...tinyShape, vocabulary: tokenizer.tokens.length, context: 1024 };
  await writeDecoderModel(path, {
    shape,
    name: "marks",
    tokenizer,
    chatTemplate: chatmlTemplate,
    weights: tinyWeights(shape),
    type: "F32",
  });
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1, progressLogs: false });
  model = await llama.loadModel({ modelPath: path });
  vocabulary = new Vocabulary((await readGgufHeader(path)).metadata, () => "");
});

afterAll(async () => {
  await llama.dispose();
  await folder[Symbol.asyncDispose]();
});

/** Generates until the turn ends; null when it takes too long. */
async function generate(gbnf: string, seed: number, liked: readonly string[]): Promise<number[] | null> {
  const grammar = await llama.createGrammar({ grammar: gbnf });
  const context = await model.createContext({ contextSize: 512, threads: 1 });
  const bias = TokenBias.for(model);
  for (const marker of liked) bias.set(vocabulary.controlId(marker) as Token, { logit: 50 });
  const tokens: number[] = [];
  try {
    const generated = context.getSequence().evaluate(model.tokenize("a call"), {
      temperature: 1,
      topK: 0,
      topP: 1,
      seed,
      tokenBias: bias,
      yieldEogToken: true,
      grammarEvaluationState: new LlamaGrammarEvaluationState({ model, grammar }),
    });
    for await (const token of generated) {
      if (model.isEogToken(token)) return tokens;
      tokens.push(token);
      if (tokens.length === 400) return null;
    }
    return tokens;
  } finally {
    await context.dispose();
  }
}

describe.each(syntaxes)("required calls in the form $name", (syntax) => {
  test.each([
    ["marks that are one token", true],
    ["marks spelled out", false],
  ])("%s", async (_, single) => {
    const reasoning = syntax === harmonySyntax ? reasoningOf(templates.harmony, []) : null;
    const output = { kind: "text" } as const;
    // Without thoughts, which random weights do not end; nor do they end a row of calls whose marks they like.
    const options = { syntax, tools, choice: "required", output, reasoning: null } as const;
    const gbnf = chatGrammar({ ...options, parallel: !single }) ?? "";
    let finished = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const tokens = await generate(gbnf, seed, single ? syntax.markers : []);
      const reader = new ChatReader({ reasoning, syntax, tools });
      const shown = new Set(reader.markers);
      const decoder = new TextDecoder();
      const parts = (tokens ?? []).map((token) => {
        const piece = vocabulary.piece(token);
        return reader.push(
          shown.has(piece) ? piece : decoder.decode(vocabulary.bytes(token), { stream: true }),
        );
      });
      if (tokens === null) continue;
      finished++;
      parts.push(reader.end());
      expect(parts.map(({ text }) => text).join("")).toBe("");
      const calls: { name: string; arguments: string }[] = [];
      for (const { toolCalls } of parts)
        for (const { name, arguments: more } of toolCalls) {
          if (name !== undefined) calls.push({ name, arguments: more });
          else (calls.at(-1) ?? { arguments: "" }).arguments += more;
        }
      expect(calls.length).toBeGreaterThan(0);
      for (const call of calls) {
        const args: unknown = JSON.parse(call.arguments);
        if (call.name === "off") expect(args).toEqual({});
        else
          expect(args).toMatchObject({
            room: expect.stringMatching(/^(?:hall|attic|a "b" \{<'\})$/),
            level: expect.any(Number),
          });
      }
      if (single && syntax !== llamaSyntax)
        expect(tokens.some((token) => shown.has(vocabulary.piece(token)))).toBe(true);
    }
    expect(finished).toBeGreaterThan(0);
  });
});
