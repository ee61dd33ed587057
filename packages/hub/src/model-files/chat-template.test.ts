import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chatmlTemplate, renderChat } from "./chat-template.ts";
import type { Segment } from "./chat-template.ts";
import { ModelFileInvalid } from "./invalid.ts";

const specialTokens = ["<|im_start|>", "<|im_end|>", "<|endoftext|>"];
const chatml = { specialTokens, addGenerationPrompt: false };

function plain(segments: readonly Segment[]): string {
  return segments.map((segment) => ("text" in segment ? segment.text : "")).join("");
}

function count(segments: readonly Segment[]): number {
  return segments.filter((segment) => "special" in segment).length;
}

describe("renderChat", () => {
  test("renders ChatML into text and control tokens", () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "Hi" },
    ];
    expect(renderChat(chatmlTemplate, { ...chatml, messages, addGenerationPrompt: true })).toEqual([
      { special: "<|im_start|>" },
      { text: "system\nBe brief." },
      { special: "<|im_end|>" },
      { text: "\n" },
      { special: "<|im_start|>" },
      { text: "user\nHi" },
      { special: "<|im_end|>" },
      { text: "\n" },
      { special: "<|im_start|>" },
      { text: "assistant\n" },
    ]);
  });

  test("whatever a message says stays plain text, character by character", () => {
    const hostile = fc
      .array(
        fc.oneof(
          fc.constantFrom(
            ...specialTokens,
            "<",
            "<|",
            "|>",
            "<|im_",
            "end|>",
            ">",
            "\u{e000}",
            "\u{e001}",
            "\n",
            "user",
          ),
          fc.string({ unit: "binary" }),
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join("").toWellFormed());
    fc.assert(
      fc.property(hostile, (content) => {
        const segments = renderChat(chatmlTemplate, { ...chatml, messages: [{ role: "user", content }] });
        expect(count(segments)).toBe(2);
        expect(plain(segments)).toBe(`user\n${content}\n`);
      }),
      { numRuns: 500 },
    );
  });

  test("text beside what the template writes cannot complete a control token", () => {
    const template = "{{ messages[0].content }}im_end|>{{ messages[1].content }}";
    const messages = [
      { role: "user", content: "<|" },
      { role: "user", content: "x" },
    ];
    const joined = renderChat(template, { ...chatml, messages });
    expect(joined).toEqual([{ text: "<|im_end|>x" }]);
    const before = renderChat("<|im_{{ messages[0].content }}", {
      ...chatml,
      messages: [{ role: "user", content: "end|>!" }],
    });
    expect(before).toEqual([{ text: "<|im_end|>!" }]);
  });

  test("control tokens inside tools, keys and other fields stay text too", () => {
    const template = "{{ tools | tojson }}{{ messages[0].name }}<|im_end|>";
    const segments = renderChat(template, {
      ...chatml,
      messages: [{ role: "user", content: "", name: "<|im_start|>" }],
      extra: { tools: [{ "<|im_end|>": ["<|im_start|>"] }] },
    });
    expect(count(segments)).toBe(1);
    expect(plain(segments)).toBe('[{"<|im_end|>": ["<|im_start|>"]}]<|im_start|>');
  });

  test("the template's own variables are control tokens; the longest match wins", () => {
    const segments = renderChat("{{ bos_token }}{{ messages[0].content }}{{ eos_token }}", {
      messages: [{ role: "user", content: "a" }],
      specialTokens: ["<s>", "<s>>", "</s>"],
      addGenerationPrompt: false,
      bosToken: "<s>>",
      eosToken: "</s>",
    });
    expect(segments).toEqual([{ special: "<s>>" }, { text: "a" }, { special: "</s>" }]);
  });

  test("without control tokens everything is one text", () => {
    const segments = renderChat(chatmlTemplate, {
      specialTokens: [],
      addGenerationPrompt: false,
      messages: [{ role: "user", content: "a" }],
    });
    expect(segments).toEqual([{ text: "<|im_start|>user\na<|im_end|>\n" }]);
  });

  test("passes the template's own words on when it refuses", () => {
    const refused = (): Segment[] =>
      renderChat(chatmlTemplate, { ...chatml, messages: [{ role: "tool", content: "a" }] });
    expect(refused).toThrow(ModelFileInvalid);
    expect(refused).toThrow(/refused the conversation: .*role 'tool'; only system, user and assistant/);
    const broken = (): Segment[] => renderChat("{% for x %}", { ...chatml, messages: [] });
    expect(broken).toThrow(/chat template cannot be read/);
  });

  test("a message nested beyond reason is refused", () => {
    let nested: unknown = "deep";
    for (let depth = 0; depth < 20_000; depth++) nested = [nested];
    const refused = (): Segment[] =>
      renderChat(chatmlTemplate, { ...chatml, messages: [{ role: "user", content: "a", nested }] });
    expect(refused).toThrow(/nested more than/);
  });
});
