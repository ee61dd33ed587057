import { expect, test } from "vitest";
import { Repeats } from "./repeats.ts";
import type { DatasetRow } from "./rows.ts";

const row = (prompt: string, completion: string): DatasetRow => ({ format: "prompt", prompt, completion });

test("rows that come again are told apart: word for word, nearly, in another split, by their prompt alone", () => {
  const repeats = new Repeats();
  repeats.begin("train");
  for (const one of [row("a b?", "1"), row("a b?", "1"), row("A, b", "1"), row("c", "2")]) repeats.add(one);
  repeats.begin("validation");
  for (const one of [row("c", "2"), row("A B", "3"), row("new", "1"), row("", "1")]) repeats.add(one);
  repeats.begin("test");
  repeats.add(row("new", "1"));
  expect(repeats.summary()).toEqual({
    duplicates: {
      exact: 1,
      near: 1,
      examples: [
        { split: "train", row: 2, text: "a b?\n1" },
        { split: "train", row: 3, text: "A, b\n1" },
      ],
    },
    leakage: [
      {
        split: "validation",
        rows: 1,
        prompts: 2,
        examples: [
          { split: "validation", row: 1, text: "c\n2" },
          { split: "validation", row: 2, text: "A B\n3" },
        ],
      },
      { split: "test", rows: 0, prompts: 0, examples: [] },
    ],
  });
});

test("a conversation's prompt is all but its last answer; running text has none", () => {
  const repeats = new Repeats();
  const chat = (answer: string): DatasetRow => ({
    format: "chat",
    messages: [
      { role: "user", content: "hi" },
      { role: "assistant", content: answer },
    ],
  });
  repeats.begin("train");
  repeats.add(chat("ho"));
  repeats.begin("test");
  repeats.add(chat("he"));
  expect(repeats.summary().leakage).toMatchObject([{ rows: 0, prompts: 1 }]);
});

test("what only signs or the marks of a script tell apart is not the same", () => {
  const repeats = new Repeats();
  repeats.begin("train");
  for (const one of [row("1 + 2", "3"), row("7 - 3", "4"), row("\u0915\u093F", "1")]) repeats.add(one);
  repeats.begin("test");
  for (const one of [row("1 = 2", "3"), row("7*3", "4"), row("\u0915\u0940", "1"), row("1+2.", "4")])
    repeats.add(one);
  expect(repeats.summary().leakage).toMatchObject([{ rows: 0, prompts: 1, examples: [{ row: 4 }] }]);
});

test("conversations that differ in a call alone are not the same", () => {
  const calling = (city: string): DatasetRow => {
    const call = { function: { name: "weather", arguments: { city } } };
    const messages = [
      { role: "user" as const, content: "How is it there?" },
      { role: "assistant" as const, content: "I look.", tool_calls: [call] },
      { role: "tool" as const, content: "20" },
      { role: "assistant" as const, content: "Warm." },
    ];
    return { format: "chat", messages };
  };
  const repeats = new Repeats();
  repeats.begin("train");
  for (const city of ["Rome", "Oslo", "Oslo"]) repeats.add(calling(city));
  repeats.begin("test");
  repeats.add(calling("Bern"));
  expect(repeats.summary()).toMatchObject({
    duplicates: { exact: 1, near: 0 },
    leakage: [{ rows: 0, prompts: 0 }],
  });
});
