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
