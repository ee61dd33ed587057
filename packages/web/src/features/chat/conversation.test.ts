import { expect, test } from "vitest";
import { branchOf, childrenOf, emptyAnswer, messagesFor, type Node } from "./conversation.ts";

const user = (id: string, parent: string, at: number): Node => ({
  id,
  role: "user",
  conversation: "c",
  parent,
  at,
  text: `prompt ${id}`,
});
const answers = (id: string, parent: string, at: number, ...texts: string[]): Node => ({
  id,
  role: "answers",
  conversation: "c",
  parent,
  at,
  answers: texts.map((text, index) => ({ ...emptyAnswer(`m${index}`), text })),
});
const nodes = [
  answers("b2", "a", 3, "second"),
  user("a", "", 1),
  answers("b1", "a", 2, "left", "right"),
  user("c", "b1", 4),
  user("d", "", 5),
];
const ids = (branch: readonly Node[]) => branch.map(({ id }) => id);

test("the newest branch is shown until another is chosen", () => {
  const children = childrenOf(nodes);
  expect(ids(branchOf(children, {}))).toEqual(["d"]);
  expect(ids(branchOf(children, { "": "a" }))).toEqual(["a", "b2"]);
  expect(ids(branchOf(children, { "": "a", a: "b1" }))).toEqual(["a", "b1", "c"]);
  expect(ids(branchOf(children, { "": "removed" }))).toEqual(["d"]);
});

test("nodes that follow each other in a circle end", () => {
  expect(ids(branchOf(childrenOf([user("a", "", 1), user("", "a", 2)]), {}))).toEqual(["a", ""]);
});

test("each column is told the prompts and its own answers", () => {
  const branch = branchOf(childrenOf(nodes), { "": "a", a: "b1" });
  expect(messagesFor(branch, 1, " be brief ")).toEqual([
    { role: "system", content: " be brief " },
    { role: "user", content: "prompt a" },
    { role: "assistant", content: "right" },
    { role: "user", content: "prompt c" },
  ]);
  expect(messagesFor(branch, 2, "").map(({ content }) => content)).toEqual(["prompt a", "left", "prompt c"]);
});
