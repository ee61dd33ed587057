import { getLlama } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InvalidRequest } from "../errors.ts";
import type { CallSyntax } from "./call-syntax.ts";
import { chatGrammar } from "./chat-grammar.ts";
import type { ChatGrammarOptions } from "./chat-grammar.ts";
import { deepseekFencedSyntax, deepseekSyntax } from "./formats/deepseek.ts";
import { harmonyAnswer, harmonySyntax } from "./formats/harmony.ts";
import { hermesSyntax } from "./formats/hermes.ts";
import { llamaSyntax } from "./formats/llama.ts";
import { mistralListSyntax, mistralNamedSyntax } from "./formats/mistral.ts";
import { qwenXmlSyntax } from "./formats/qwen-xml.ts";
import { reasoningOf } from "./reasoning.ts";
import type { Reasoning } from "./reasoning.ts";
import { readAll } from "./testing/read-all.ts";
import { templates } from "./testing/templates.ts";
import { clock, tools, weather } from "./testing/tools.ts";

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1, progressLogs: false });
});
afterAll(() => llama.dispose());

const think: Reasoning = {
  opening: "<think>",
  closing: "</think>",
  begun: false,
  messages: false,
  markers: [],
};

function grammarOf(options: Partial<ChatGrammarOptions>): string {
  const gbnf = chatGrammar({
    syntax: hermesSyntax,
    tools,
    choice: "required",
    parallel: true,
    output: { kind: "text" },
    reasoning: null,
    ...options,
  });
  if (gbnf === null) throw new Error("there is no grammar");
  return gbnf;
}

/** llama.cpp's own matcher; the package has it for its tests only. */
async function matcher(gbnf: string): Promise<(text: string) => boolean> {
  const grammar = await llama.createGrammar({ grammar: gbnf });
  const method: unknown = Reflect.get(grammar, "_testText");
  if (typeof method !== "function") throw new Error("this node-llama-cpp cannot try a grammar");
  return (text) => Reflect.apply(method, grammar, [text]) === true;
}

interface Family {
  syntax: CallSyntax;
  reasoning: Reasoning | null;
  /** Calls of one answer beside each other. */
  join: (...calls: string[]) => string;
}

const families: readonly Family[] = [
  { syntax: hermesSyntax, reasoning: null, join: (...calls) => calls.join("\n") },
  { syntax: qwenXmlSyntax, reasoning: null, join: (...calls) => calls.join("\n") },
  { syntax: llamaSyntax, reasoning: null, join: (...calls) => calls.join("; ") },
  {
    syntax: mistralListSyntax,
    reasoning: null,
    join: (...calls) => calls.join("").replaceAll("][TOOL_CALLS][", ", "),
  },
  { syntax: mistralNamedSyntax, reasoning: null, join: (...calls) => calls.join("") },
  ...[deepseekFencedSyntax, deepseekSyntax].map((syntax) => ({
    syntax,
    reasoning: null,
    join: (...calls: string[]) =>
      calls.join("").replaceAll("<｜tool▁calls▁end｜><｜tool▁calls▁begin｜>", "\n"),
  })),
];
const harmony: Family = {
  syntax: harmonySyntax,
  reasoning: reasoningOf(templates.harmony, []),
  // The mark of the end ends the turn, and is no part of the text.
  join: (...calls) => calls.join("").replace(/<\|call\|>$/, ""),
};

describe.each([...families, harmony])("calls in the form $syntax.name", ({ syntax, reasoning, join }) => {
  const oslo = syntax.write("get_weather", '{"city": "Oslo", "days": 3, "unit": "celsius"}');
  const time = syntax.write("clock", "{}");

  test("a required call is all that is possible", async () => {
    const matches = await matcher(grammarOf({ syntax, reasoning }));
    expect(matches(join(oslo))).toBe(true);
    expect(matches(join(time))).toBe(true);
    expect(matches("It is 4.")).toBe(false);
    expect(matches("")).toBe(false);
    expect(matches(join(syntax.write("other", "{}")))).toBe(false);
  });

  test("arguments follow the schema, where the tool is strict", async () => {
    const matches = await matcher(grammarOf({ syntax, reasoning }));
    for (const args of ["{}", '{"city": "Oslo", "days": "many"}', '{"city": "Oslo", "unit": "kelvin"}'])
      expect(matches(join(syntax.write("get_weather", args)))).toBe(false);
    expect(matches(join(syntax.write("clock", '{"zone": "UTC"}')))).toBe(true);
  });

  test("a named call is of that tool", async () => {
    const matches = await matcher(grammarOf({ syntax, reasoning, choice: { name: "clock" } }));
    expect(matches(join(time))).toBe(true);
    expect(matches(join(oslo))).toBe(false);
  });

  test("several calls, or one", async () => {
    const several = await matcher(grammarOf({ syntax, reasoning }));
    const single = await matcher(grammarOf({ syntax, reasoning, parallel: false }));
    // A call of harmony ends the turn.
    expect(several(join(oslo, time))).toBe(syntax !== harmonySyntax);
    expect(single(join(oslo, time))).toBe(false);
    expect(single(join(oslo))).toBe(true);
  });

  test("the choice is free: text, and then calls that follow the schema", async () => {
    const header = syntax === harmonySyntax ? harmonyAnswer : "";
    const matches = await matcher(grammarOf({ syntax, reasoning, choice: "auto" }));
    expect(matches(`${header}It is 4 <b>, {"a": 1} [x].`)).toBe(true);
    expect(matches(join(oslo))).toBe(true);
    expect(matches(join(syntax.write("get_weather", '{"unit": "celsius"}')))).toBe(false);
    if (syntax !== llamaSyntax && syntax !== harmonySyntax)
      expect(matches(`Wait.\n${join(oslo, time)}`)).toBe(true);
  });

  test("what it allows is read back as the calls", async () => {
    const text = join(oslo, ...(syntax === harmonySyntax ? [] : [time]));
    expect((await matcher(grammarOf({ syntax, reasoning })))(text)).toBe(true);
    const { calls } = readAll([text], { syntax, reasoning, tools });
    expect(JSON.parse(calls[0]?.arguments ?? "")).toEqual({ city: "Oslo", days: 3, unit: "celsius" });
    expect(calls.map(({ name }) => name)).toEqual(["get_weather", "clock"].slice(0, calls.length));
    expect(calls).toHaveLength(syntax === harmonySyntax ? 1 : 2);
  });
});

describe("thoughts", () => {
  const oslo = hermesSyntax.write("get_weather", '{"city": "Oslo"}');

  test("may come in front of a call", async () => {
    const matches = await matcher(grammarOf({ reasoning: think }));
    expect(matches(oslo)).toBe(true);
    expect(matches(`<think>\nHm <tool_call> {"\n</think>\n\n${oslo}`)).toBe(true);
    expect(matches(`<think>\nHm${oslo}`)).toBe(false);
  });

  test("that the prompt began have to end first", async () => {
    const matches = await matcher(grammarOf({ reasoning: { ...think, begun: true } }));
    expect(matches(`Hm.\n</think>\n${oslo}`)).toBe(true);
    expect(matches(oslo)).toBe(false);
  });

  test("harmony's come as a message of their own", async () => {
    const matches = await matcher(
      grammarOf({
        syntax: harmonySyntax,
        reasoning: harmony.reasoning,
        tools: [],
        output: { kind: "json_object" },
      }),
    );
    expect(
      matches(`<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant${harmonyAnswer}{"a": 1}`),
    ).toBe(true);
    expect(matches('{"a": 1}')).toBe(false);
  });
});

describe("an answer in JSON", () => {
  test("any object", async () => {
    const matches = await matcher(
      grammarOf({ tools: [], output: { kind: "json_object" }, reasoning: think }),
    );
    expect(matches('{"a": [1, null]}')).toBe(true);
    expect(matches('<think>x</think>\n{"a": 1}')).toBe(true);
    expect(matches("[1]")).toBe(false);
    expect(matches("yes")).toBe(false);
  });

  test("after a schema, or a call where there are tools", async () => {
    const schema = { type: "object", properties: { a: { type: "integer" } }, required: ["a"] };
    const output = { kind: "json_schema", name: "a", schema } as const;
    const matches = await matcher(grammarOf({ choice: "auto", output }));
    expect(matches('{"a": 1}')).toBe(true);
    expect(matches('{"b": 1}')).toBe(false);
    expect(matches("text")).toBe(false);
    expect(matches(hermesSyntax.write("clock", "{}"))).toBe(true);
  });
});

test("there is no grammar where nothing is asked for", () => {
  const free = { syntax: hermesSyntax, parallel: true, output: { kind: "text" }, reasoning: think } as const;
  expect(chatGrammar({ ...free, tools: [clock], choice: "auto" })).toBeNull();
  expect(chatGrammar({ ...free, tools: [], choice: "auto" })).toBeNull();
  expect(chatGrammar({ ...free, tools: [weather], choice: "none" })).toBeNull();
  expect(chatGrammar({ ...free, tools: [clock], choice: "auto", parallel: false })).not.toBeNull();
});

test("a tool that there is not cannot be named", () => {
  expect(() => grammarOf({ choice: { name: "other" } })).toThrow(/not among the tools: get_weather, clock/);
});

test("a schema that no grammar carries is refused for a strict tool, and left out for another", async () => {
  const parameters = {
    type: "object",
    properties: { a: { type: "object", patternProperties: { "^(?=x)": {} } } },
  };
  const odd = { name: "odd", description: null, parameters, strict: false };
  const matches = await matcher(grammarOf({ tools: [odd] }));
  expect(matches(hermesSyntax.write("odd", '{"b": 1}'))).toBe(true);
  expect(() => grammarOf({ tools: [{ ...odd, strict: true }] })).toThrow(InvalidRequest);
});
