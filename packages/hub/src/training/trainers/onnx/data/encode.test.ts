import { describe, expect, test } from "vitest";
import { chatmlTemplate } from "../../../../model-files/chat-template.ts";
import { tokenizerFromFile } from "../../../../model-files/tokenizer/tokenizer.ts";
import { trainTokenizer } from "../../../../model-files/tokenizer/train.ts";
import { templates } from "../../../../inference/chat/testing/templates.ts";
import { controlTokens } from "./corpus.ts";
import { encodeRow } from "./encode.ts";
import type { EncodedRow, Encoding } from "./encode.ts";
import type { Row } from "./jsonl.ts";

const tokenizer = tokenizerFromFile(
  trainTokenizer(["the barn, the forest, the house", "user\nWhere is it?", "assistant\nthe barn"], {
    vocabularySize: 290,
    specialTokens: controlTokens,
    eos: "<|im_end|>",
    bos: "<|endoftext|>",
  }),
);
const encoding: Encoding = { tokenizer, chatTemplate: chatmlTemplate, sequenceLength: 200 };

function chat(...messages: [role: string, content: string][]): Row {
  return { kind: "chat", line: 7, messages: messages.map(([role, content]) => ({ role, content })) };
}

function learnedText({ tokens, learned }: EncodedRow): string {
  return tokenizer.decode(
    tokens.filter((_, index) => learned[index] === 1),
    { special: true },
  );
}

describe("chat rows", () => {
  test("only the answer and its end-of-turn token are learned", () => {
    const row = encodeRow(
      chat(["system", "Be brief."], ["user", "Where is it?"], ["assistant", "the barn"]),
      encoding,
    );
    expect(learnedText(row)).toBe("the barn<|im_end|>");
    expect(tokenizer.decode(row.tokens, { special: true })).toBe(
      "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhere is it?<|im_end|>\n<|im_start|>assistant\nthe barn<|im_end|>",
    );
    expect(row.shortened).toBe(false);
  });

  test("every answer of a longer conversation is learned", () => {
    const row = encodeRow(
      chat(["user", "Where?"], ["assistant", "the barn"], ["user", "And now?"], ["assistant", "the house"]),
      encoding,
    );
    expect(learnedText(row)).toBe("the barn<|im_end|>the house<|im_end|>");
  });

  test("calls of tools are learned, tools and results are not, as serving writes them", () => {
    const call = {
      id: "c1",
      type: "function",
      function: { name: "get_weather", arguments: '{"city":"Oslo"}' },
    };
    const tools = [{ type: "function", function: { name: "get_weather", parameters: {} } }];
    for (const template of [templates.hermes, chatmlTemplate]) {
      const row = encodeRow(
        {
          kind: "chat",
          line: 1,
          tools,
          messages: [
            { role: "system", content: "Be brief." },
            { role: "user", content: "Rain?" },
            { role: "assistant", content: "", tool_calls: [call] },
            { role: "tool", content: "wet", tool_call_id: "c1" },
            { role: "assistant", content: "Yes." },
          ],
        },
        { ...encoding, chatTemplate: template, sequenceLength: 4000 },
      );
      const learned = learnedText(row);
      expect(learned).toMatch(
        /^\s*<tool_call>[^]*get_weather[^]*Oslo[^]*<\/tool_call>\s*<\|im_end\|>Yes\.<\|im_end\|>$/,
      );
      expect(learned).not.toContain("wet");
      const whole = tokenizer.decode(row.tokens, { special: true });
      expect(whole).toContain("wet");
      expect(whole.indexOf("get_weather")).toBeLessThan(whole.indexOf("Rain?"));
    }
  });

  test("an answer of weight 0 is read and not learned", () => {
    const row = encodeRow(
      {
        kind: "chat",
        line: 1,
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "bad", weight: 0 },
          { role: "user", content: "b" },
          { role: "assistant", content: "good" },
        ],
      },
      encoding,
    );
    expect(learnedText(row)).toBe("good<|im_end|>");
    expect(tokenizer.decode(row.tokens)).toContain("bad");
  });

  test("the prompt has the very tokens that inference would have", () => {
    const row = encodeRow(chat(["user", "Where is it?"], ["assistant", " the barn"]), encoding);
    const prompt = tokenizer.encodeSegments([
      { special: "<|im_start|>" },
      { text: "user\nWhere is it?" },
      { special: "<|im_end|>" },
      { text: "\n" },
      { special: "<|im_start|>" },
      { text: "assistant\n" },
    ]);
    expect(row.tokens.slice(0, row.learned.indexOf(1))).toEqual(prompt);
  });

  test("control tokens in a message stay text", () => {
    const row = encodeRow(chat(["user", "<|im_end|>"], ["assistant", "<|im_start|>"]), encoding);
    const control = row.tokens.filter((token) => token < controlTokens.length);
    expect(control).toHaveLength(4);
    expect(learnedText(row)).toBe("<|im_start|><|im_end|>");
  });

  test("an answer that the template drops from the history is not learned, the last one is", () => {
    const forgetful =
      "{%- for message in messages -%}{%- if message['role'] == 'assistant' and not loop.last -%}{{- '[' ~ message['role'] ~ '] (past)<|im_end|>' -}}{%- else -%}{{- '[' ~ message['role'] ~ '] ' ~ message['content'] ~ '<|im_end|>' -}}{%- endif -%}{%- endfor -%}{%- if add_generation_prompt -%}{{- '[assistant] ' -}}{%- endif -%}";
    const row = encodeRow(
      chat(["user", "Where?"], ["assistant", "the barn"], ["user", "And now?"], ["assistant", "the house"]),
      { ...encoding, chatTemplate: forgetful },
    );
    expect(learnedText(row)).toBe("the house<|im_end|>");
  });

  test("a conversation without an answer is refused with its line", () => {
    expect(() => encodeRow(chat(["user", "Where?"]), encoding)).toThrow(/line 7 has no answer/);
  });

  test("a tool that is none, and a call that is cut off, are refused with the line", () => {
    const asked = { role: "user", content: "Rain?" };
    const calling = (args: string) => {
      const call = { function: { name: "get_weather", arguments: args } };
      return { role: "assistant", content: "", tool_calls: [call] };
    };
    const row = (args: string, tools: Record<string, unknown>[]): Row => ({
      kind: "chat",
      line: 7,
      messages: [asked, calling(args)],
      tools,
    });
    const refused = (told: string) =>
      expect.objectContaining({ code: "dataset_invalid", message: expect.stringContaining(told) });
    expect(() => encodeRow(row("{}", [{ type: "function" }]), encoding)).toThrow(
      refused("line 7: A tool of the row"),
    );
    expect(() => encodeRow(row('{"city":', []), encoding)).toThrow(refused("line 7: The arguments"));
  });

  test("a base without a template is refused", () => {
    const row = chat(["user", "a"], ["assistant", "b"]);
    expect(() => encodeRow(row, { ...encoding, chatTemplate: undefined })).toThrow(/no chat template/);
  });
});

describe("rows that are too long", () => {
  const system: [string, string] = ["system", "Be brief."];
  const long = "the house ".repeat(60) + "Where is it?";

  test("lose the front of their longest message; answer, system and question stay", () => {
    const row = encodeRow(chat(system, ["user", long], ["assistant", "the barn"]), {
      ...encoding,
      sequenceLength: 64,
    });
    expect(row.shortened).toBe(true);
    expect(row.tokens.length).toBeLessThanOrEqual(65);
    expect(row.tokens.length).toBeGreaterThan(60);
    const text = tokenizer.decode(row.tokens, { special: true });
    expect(text).toMatch(/^<\|im_start\|>system\nBe brief\.<\|im_end\|>/);
    expect(text).toContain("Where is it?<|im_end|>");
    expect(learnedText(row)).toBe("the barn<|im_end|>");
  });

  test("lose their beginning when the message alone cannot give enough", () => {
    const row = encodeRow(chat(system, ["user", long], ["assistant", "the barn"]), {
      ...encoding,
      sequenceLength: 12,
    });
    expect(row.tokens).toHaveLength(13);
    expect(learnedText(row)).toBe("the barn<|im_end|>");
  });

  test("keep the beginning of an answer that alone is too long, with a token before it", () => {
    const row = encodeRow(
      { kind: "prompt", line: 1, prompt: "Where?", completion: long },
      { ...encoding, sequenceLength: 20 },
    );
    expect(row.tokens).toHaveLength(21);
    expect(row.learned).toEqual([0, ...Array.from({ length: 20 }, () => 1)]);
    expect(long.startsWith(learnedText(row))).toBe(true);
  });
});

test("of prompt rows the completion and the end token are learned", () => {
  const row = encodeRow({ kind: "prompt", line: 1, prompt: "Where? ", completion: "the barn" }, encoding);
  expect(learnedText(row)).toBe("the barn<|im_end|>");
  expect(tokenizer.decode(row.tokens)).toBe("Where? the barn");
});

test("of text rows everything is learned, up to the document's end", () => {
  const row = encodeRow(
    { kind: "text", line: 1, text: "the house ".repeat(100) },
    { ...encoding, sequenceLength: 8 },
  );
  expect(learnedText(row)).toBe(`${"the house ".repeat(100)}<|endoftext|>`);
  expect(row.shortened).toBe(false);
});
