import { expect, test } from "vitest";
import { branchOf, childrenOf, columnOf, lastMessageOf, nodesOf, type Node } from "./conversation.ts";
import { newMessage } from "./message.ts";

const user = (id: string, parent: string | null) =>
  newMessage({ id, role: "user", parent, parts: [{ type: "text", text: `prompt ${id}` }] });
const answer = (id: string, parent: string, group: string | null = null, position = 0) =>
  newMessage({ id, role: "assistant", parent, group, position });

const messages = [
  user("a", null),
  answer("right", "a", "both", 1),
  answer("left", "a", "both", 0),
  answer("alone", "a"),
  user("c", "left"),
  user("d", null),
];
const ids = (branch: readonly Node[]) => branch.map(({ id }) => id);
const children = childrenOf(nodesOf(messages));

test("answers that were asked for side by side are one place, in the order of their columns", () => {
  expect(nodesOf(messages).map(({ id, parent }) => [id, parent])).toEqual([
    ["a", ""],
    ["both", "a"],
    ["alone", "a"],
    ["c", "both"],
    ["d", ""],
  ]);
  const both = nodesOf(messages)[1];
  expect(both?.role === "answers" && both.answers.map(({ id }) => id)).toEqual(["left", "right"]);
});

test("the newest branch is shown until another is chosen", () => {
  expect(ids(branchOf(children, {}))).toEqual(["d"]);
  expect(ids(branchOf(children, { "": "a" }))).toEqual(["a", "alone"]);
  expect(ids(branchOf(children, { "": "a", a: "both" }))).toEqual(["a", "both", "c"]);
  expect(ids(branchOf(children, { "": "removed" }))).toEqual(["d"]);
});

test("messages that follow each other in a circle end", () => {
  const circle = [user("a", "b"), user("b", "a")].map((message) => message);
  expect(ids(branchOf(childrenOf(nodesOf([...circle, user("c", null)])), {}))).toEqual(["c"]);
});

test("each column is told the prompts and its own answers; what follows hangs on the first one", () => {
  const branch = branchOf(children, { "": "a", a: "both" });
  expect(columnOf(branch, 1).map(({ id }) => id)).toEqual(["a", "right", "c"]);
  expect(columnOf(branch, 2).map(({ id }) => id)).toEqual(["a", "left", "c"]);
  expect(lastMessageOf(branch.slice(0, 2))?.id).toBe("left");
});
