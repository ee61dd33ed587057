import { expect, test } from "vitest";
import { emptyAnswer, type Node } from "./conversation.ts";
import { asJson, asMarkdown, fileName } from "./export.ts";

const place = { conversation: "c", at: 1 };
const branch: Node[] = [
  { role: "user", ...place, id: "a", parent: "", text: "Why?\n" },
  {
    role: "answers",
    ...place,
    id: "b",
    parent: "a",
    answers: [
      { ...emptyAnswer("m:1"), text: "So.", reasoning: "one\ntwo", state: "done" },
      {
        ...emptyAnswer("n:2"),
        state: "failed",
        error: { status: 503, code: "unavailable", message: "busy", requestId: null },
      },
    ],
  },
];

test("a branch reads as Markdown, with every answer", () => {
  expect(asMarkdown("A\ntitle", branch)).toBe(
    "# A title\n\n## Prompt\n\nWhy?\n\n## m:1\n\n> one\n> two\n\nSo.\n\n## n:2\n\n(failed: busy)\n",
  );
});

test("as JSON nothing is left out", () => {
  const conversation = { id: "c", title: "t", updatedAt: 2, settings: { system: "s" } };
  expect(JSON.parse(asJson(conversation, branch))).toEqual({ ...conversation, nodes: branch });
});

test.each([
  ["What is ../../etc?", "What-is-etc"],
  ["größer 1", "größer-1"],
  ["???", "conversation"],
  ["x".repeat(99), "x".repeat(60)],
])("%s is kept as %s", (title, name) => {
  expect(fileName(title)).toBe(name);
});
