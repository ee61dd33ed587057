import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CallSyntax } from "./call-syntax.ts";
import { ChatReader } from "./chat-reader.ts";
import { deepseekFencedSyntax, deepseekSyntax } from "./formats/deepseek.ts";
import { harmonySyntax } from "./formats/harmony.ts";
import { hermesSyntax } from "./formats/hermes.ts";
import { llamaSyntax } from "./formats/llama.ts";
import { mistralListSyntax, mistralNamedSyntax } from "./formats/mistral.ts";
import { qwenXmlSyntax } from "./formats/qwen-xml.ts";
import { reasoningOf } from "./reasoning.ts";
import { cutAt, readAll } from "./testing/read-all.ts";
import type { ReadAnswer } from "./testing/read-all.ts";
import { templates } from "./testing/templates.ts";
import { tools } from "./testing/tools.ts";

const syntaxes: readonly CallSyntax[] = [
  hermesSyntax,
  qwenXmlSyntax,
  llamaSyntax,
  mistralListSyntax,
  mistralNamedSyntax,
  deepseekFencedSyntax,
  deepseekSyntax,
];
const think = { opening: "<think>", closing: "</think>", begun: false, messages: false, markers: [] };
const thinking = { ...think, begun: true };

function read(text: string, syntax: CallSyntax | null = hermesSyntax): ReadAnswer {
  return readAll([text], { syntax, tools });
}

describe.each(syntaxes)("calls in the form $name", (syntax) => {
  const oslo = syntax.write("get_weather", '{"city": "Oslo", "days": 3}');

  test("a call is read back with the arguments as they were written", () => {
    expect(read(oslo, syntax)).toEqual({
      text: "",
      reasoning: "",
      calls: [{ name: "get_weather", arguments: '{"city": "Oslo", "days": 3}' }],
    });
  });

  test("several calls, with white space between and behind", () => {
    const { text, calls } = read(`${oslo}\n${syntax.write("clock", "{}")}\n`, syntax);
    expect(text).toBe("");
    expect(calls).toEqual([
      { name: "get_weather", arguments: '{"city": "Oslo", "days": 3}' },
      { name: "clock", arguments: "{}" },
    ]);
  });

  test("arguments that hold the marks of calls do not end the call", () => {
    const city = `${syntax.openings.join("")} }{ \\ " ${syntax === qwenXmlSyntax ? "" : syntax.markers.join("")}`;
    const { text, calls } = read(syntax.write("get_weather", JSON.stringify({ city })), syntax);
    expect(text).toBe("");
    expect(JSON.parse(calls[0]?.arguments ?? "")).toEqual({ city });
  });

  test("thoughts come apart from the call", () => {
    const answer = readAll([`<think>\nI look it up.\n</think>\n\n${oslo}`], {
      syntax,
      tools,
      reasoning: think,
    });
    expect(answer).toEqual({
      text: "",
      reasoning: "I look it up.",
      calls: [{ name: "get_weather", arguments: '{"city": "Oslo", "days": 3}' }],
    });
  });

  test("a call that is cut off anywhere loses nothing that was said", () => {
    const whole = read(oslo, syntax).calls[0]?.arguments ?? "";
    for (let length = 0; length < oslo.length; length++) {
      const { text, calls } = read(oslo.slice(0, length), syntax);
      if (calls.length === 0) expect(text).toBe(oslo.slice(0, length));
      else expect(whole.startsWith(calls[0]?.arguments ?? "x") && text === "").toBe(true);
    }
  });

  test("without tools it is all text", () => {
    expect(read(oslo, null)).toEqual({ text: oslo, reasoning: "", calls: [] });
  });
});

const pieces: readonly string[] = [
  ...syntaxes.flatMap(({ markers }) => markers),
  ...syntaxes.map((syntax) => syntax.write("get_weather", '{"city": "Ø🔥", "days": 1}')),
  ...syntaxes.map((syntax) => syntax.write("clock", "{}")),
  "<function=clock>",
  "<parameter=a>\n",
  "\n</parameter>",
  "</function>",
  '{"name": "clock", "arguments": {"a": [1, "}"]}}',
  '{"arguments": "{}", "name": "clock"}',
  '{"name": "clock"',
  "<think>",
  "</think>",
  "```json\n",
  ...'{}[]",:;\\<>/ \n'.split(""),
  "🔥",
  "\ud83d",
  "\ude00",
  "text ",
  "null",
];

test.each(syntaxes)("cut anywhere, an answer reads the same ($name)", (syntax) => {
  const answers = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(
      answers,
      fc.array(fc.nat({ max: 2000 }), { maxLength: 20 }),
      fc.constantFrom(null, think, thinking),
      (answer, cuts, reasoning) => {
        const options = { syntax, tools, reasoning };
        const whole = readAll([answer], options);
        expect(readAll(cutAt(answer, cuts), options)).toEqual(whole);
        expect(readAll(answer.split(""), options)).toEqual(whole);
      },
    ),
    { numRuns: 400 },
  );
});

const inJson = [...syntaxes.filter((syntax) => syntax !== qwenXmlSyntax), harmonySyntax];
test.each(inJson)("any arguments are read back letter by letter ($name)", (syntax) => {
  const reasoning = syntax === harmonySyntax ? reasoningOf(templates.harmony, []) : null;
  const anyObject = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ stringUnit: "binary" }));
  fc.assert(
    fc.property(anyObject, fc.boolean(), (value, indented) => {
      const written = JSON.stringify(value, null, indented ? 2 : 0);
      const { text, calls } = readAll([syntax.write("clock", written)], { syntax, tools, reasoning });
      expect({ text, calls }).toEqual({ text: "", calls: [{ name: "clock", arguments: written }] });
    }),
    { numRuns: 200 },
  );
});

test("Qwen3-Coder's texts are read back letter by letter", () => {
  const texts = fc
    .string({
      unit: fc.constantFrom(
        "a",
        "<",
        "/",
        ">",
        "\n",
        " ",
        '"',
        "\\",
        "🔥",
        "1",
        "</parameter",
        "<tool_call>",
      ),
    })
    .filter((text) => !text.includes("</parameter>"));
  fc.assert(
    fc.property(texts, fc.integer(), (city, days) => {
      const { text, calls } = read(
        qwenXmlSyntax.write("get_weather", JSON.stringify({ city, days })),
        qwenXmlSyntax,
      );
      expect(text).toBe("");
      expect(JSON.parse(calls[0]?.arguments ?? "")).toEqual({ city, days });
    }),
  );
});

test.each(syntaxes)("text without a mark of calls comes out as it is ($name)", (syntax) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("<", "[", "{", '"', "tool", "_call", ">", " ", "\n", "name", ":") }),
      (text) => {
        fc.pre(!syntax.openings.some((opening) => text.includes(opening)));
        expect(read(text, syntax)).toEqual({ text, reasoning: "", calls: [] });
      },
    ),
  );
});

describe("streaming", () => {
  test("arguments come as they are written; only what may become a mark is held back", () => {
    const reader = new ChatReader({ reasoning: null, syntax: hermesSyntax, tools });
    const shown = [
      "Wait <b",
      "> ",
      "<tool",
      '_call>\n{"name": "clock", "argu',
      'ments": {"a',
      '": 1',
      "}}\n</tool_call>",
    ].map((piece) => reader.push(piece));
    expect(shown.map(({ text }) => text)).toEqual(["Wait <b", ">", "", "", "", "", ""]);
    expect(shown.map(({ toolCalls }) => toolCalls[0]?.arguments ?? null)).toEqual([
      null,
      null,
      null,
      null,
      '{"a',
      '": 1',
      "}",
    ]);
    expect(reader.calls).toBe(1);
  });

  test("a half of a character waits for the other", () => {
    const reader = new ChatReader({ reasoning: null, syntax: null, tools: [] });
    expect(reader.push("a\ud83d").text).toBe("a");
    expect(reader.push("\ude00").text).toBe("😀");
    expect(reader.push("\ud83d").text).toBe("");
    expect(reader.end().text).toBe("\ud83d");
  });

  test("says when it is among thoughts", () => {
    const reader = new ChatReader({ reasoning: think, syntax: null, tools: [] });
    expect(reader.thinking).toBe(false);
    reader.push("<think>a");
    expect(reader.thinking).toBe(true);
    reader.push("</think>");
    expect(reader.thinking).toBe(false);
  });
});

describe("thoughts", () => {
  test("a prompt that opened them: the answer begins within", () => {
    expect(readAll(["\nHm.\n\nYes.\n</think>\n\nIt is 4.\n"], { reasoning: thinking })).toEqual({
      text: "It is 4.\n",
      reasoning: "Hm.\n\nYes.",
      calls: [],
    });
  });

  test("marks later in the answer are text", () => {
    expect(readAll(["Use <think>this</think>."], { reasoning: think }).text).toBe("Use <think>this</think>.");
  });

  test("a call inside of them is none", () => {
    const { reasoning, calls } = readAll([`${hermesSyntax.write("clock", "{}")}</think>ok`], {
      reasoning: thinking,
      syntax: hermesSyntax,
      tools,
    });
    expect(calls).toEqual([]);
    expect(reasoning).toContain("<tool_call>");
  });
});

describe("what is no call stays text", () => {
  test.each([
    "<tool_call>nothing</tool_call>",
    '<tool_call>{"a": 1}</tool_call>',
    '<tool_call>{"name": "", "arguments": {}}</tool_call>',
    '<tool_call>{"name": "clock", "arguments": [1]}</tool_call>',
    '<tool_call>{"arguments": {"a": 1}}</tool_call>',
    '<tool_call>{"name": "clock", "arguments": "no object"}</tool_call>',
    "see <tool_call> and </tool_call>",
  ])("%s", (text) => {
    expect(read(text)).toEqual({ text, reasoning: "", calls: [] });
  });

  test.each([
    '{"name": "Ada", "parameters": {}}',
    '{"city": "Oslo"}',
    '{"name": "clock", "color": "red"}',
    "{",
  ])("an answer in JSON of a Llama: %s", (text) => {
    expect(read(text, llamaSyntax)).toEqual({ text, reasoning: "", calls: [] });
  });

  test("a call follows directly on a mark that led nowhere", () => {
    const { text, calls } = read(`<tool_call>${hermesSyntax.write("clock", "{}")}`);
    expect(text).toBe("<tool_call>");
    expect(calls).toHaveLength(1);
  });
});

describe("liberties that models take", () => {
  test.each<[string, CallSyntax, string, { name: string; arguments: string }[]]>([
    [
      "arguments first",
      hermesSyntax,
      '<tool_call>{"arguments": {"a": "}"}, "name": "clock"}</tool_call>',
      [{ name: "clock", arguments: '{"a": "}"}' }],
    ],
    [
      "arguments as a text",
      hermesSyntax,
      '<tool_call>{"name": "clock", "arguments": "{\\"a\\": 1}"}',
      [{ name: "clock", arguments: '{"a": 1}' }],
    ],
    [
      "no arguments",
      hermesSyntax,
      '<tool_call>{"name": "clock"}</tool_call>',
      [{ name: "clock", arguments: "{}" }],
    ],
    [
      "null for arguments",
      hermesSyntax,
      '<tool_call>{"name": "clock", "arguments": null}</tool_call>',
      [{ name: "clock", arguments: "{}" }],
    ],
    [
      "an id",
      mistralListSyntax,
      '[TOOL_CALLS] [{"name": "clock", "arguments": {}, "id": "aB3dE6gH9"}]',
      [{ name: "clock", arguments: "{}" }],
    ],
    [
      "an id between",
      mistralNamedSyntax,
      '[TOOL_CALLS]clock[CALL_ID]aB3dE6gH9[ARGS]{"a": 1}',
      [{ name: "clock", arguments: '{"a": 1}' }],
    ],
    [
      "no mark of arguments",
      mistralNamedSyntax,
      '[TOOL_CALLS]clock{"a": 1}',
      [{ name: "clock", arguments: '{"a": 1}' }],
    ],
    [
      "a tag and a type",
      llamaSyntax,
      '<|python_tag|>{"type": "function", "name": "clock", "parameters": {}}',
      [{ name: "clock", arguments: "{}" }],
    ],
    [
      "the name as function",
      llamaSyntax,
      '{"type": "function", "function": "clock", "parameters": {}}',
      [{ name: "clock", arguments: "{}" }],
    ],
    [
      "no outer element",
      qwenXmlSyntax,
      "<function=clock>\n</function>",
      [{ name: "clock", arguments: "{}" }],
    ],
    [
      "JSON in the element",
      qwenXmlSyntax,
      '<tool_call>{"name": "clock", "arguments": {}}</tool_call>',
      [{ name: "clock", arguments: "{}" }],
    ],
  ])("%s", (_, syntax, text, calls) => {
    expect(read(text, syntax)).toEqual({ text: "", reasoning: "", calls });
  });

  test("Qwen3-Coder's values are what the schema says", () => {
    const text =
      "<tool_call>\n<function=get_weather>\n<parameter=city>\n12\nlines\n</parameter>\n<parameter=days>\n3\n</parameter>\n<parameter=other>\nTrue\n</parameter>\n</function>\n</tool_call>";
    const { calls } = read(text, qwenXmlSyntax);
    expect(JSON.parse(calls[0]?.arguments ?? "")).toEqual({ city: "12\nlines", days: 3, other: true });
  });
});
