import fc from "fast-check";
import { expect, test } from "vitest";
import { reasoningOf } from "../reasoning.ts";
import { cutAt, readAll } from "../testing/read-all.ts";
import type { ReadAnswer } from "../testing/read-all.ts";
import { templates } from "../testing/templates.ts";
import { tools } from "../testing/tools.ts";
import { harmonySyntax } from "./harmony.ts";

const options = { reasoning: reasoningOf(templates.harmony, []), syntax: harmonySyntax, tools };

function read(...pieces: string[]): ReadAnswer {
  return readAll(pieces, options);
}

const thoughts = "<|channel|>analysis<|message|>\nHm. \n<|end|><|start|>assistant";

test("thoughts and the final answer", () => {
  expect(read(`${thoughts}<|channel|>final<|message|>It is 4.\n`)).toEqual({
    text: "It is 4.\n",
    reasoning: "Hm.",
    calls: [],
  });
});

test.each([
  '<|channel|>commentary to=functions.clock <|constrain|>json<|message|>{"a": "<|end|>"}<|call|>',
  ' to=functions.clock<|channel|>commentary json<|message|>{"a": "<|end|>"}',
])("a call, addressed in the header: %s", (text) => {
  expect(read(thoughts + text)).toEqual({
    text: "",
    reasoning: "Hm.",
    calls: [{ name: "clock", arguments: '{"a": "<|end|>"}' }],
  });
});

test("words before a call are said to the user; more thoughts are a paragraph of their own", () => {
  const preamble = "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant";
  const answer = read(thoughts + preamble + thoughts + harmonySyntax.write("clock", "{}"));
  expect(answer).toEqual({
    text: "I look.",
    reasoning: "Hm.\n\nHm.",
    calls: [{ name: "clock", arguments: "{}" }],
  });
});

test("an answer without headers is text", () => {
  expect(read("Hello, ", "you")).toMatchObject({ text: "Hello, you" });
  expect(read("to<day")).toMatchObject({ text: "to<day" });
  expect(read("<|channel|>fin")).toMatchObject({ text: "<|channel|>fin" });
});

test("without tools a call is text", () => {
  const { text, calls } = readAll([harmonySyntax.write("clock", "{}")], { ...options, tools: [] });
  expect(calls).toEqual([]);
  expect(text).toContain("{}");
});

test("cut anywhere, an answer reads the same", () => {
  const pieces = [
    ...harmonySyntax.markers,
    thoughts,
    harmonySyntax.write("clock", '{"a": "🔥"}'),
    "<|start|>assistant",
    "<|channel|>final<|message|>",
    "to=functions.clock",
    "{",
    '"',
    "}",
    " ",
    "\n",
    "a",
    "\ud83d",
  ];
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join("")),
      fc.array(fc.nat({ max: 500 }), { maxLength: 10 }),
      (answer, cuts) => {
        expect(read(...cutAt(answer, cuts))).toEqual(read(answer));
        expect(read(...answer.split(""))).toEqual(read(answer));
      },
    ),
    { numRuns: 400 },
  );
});
