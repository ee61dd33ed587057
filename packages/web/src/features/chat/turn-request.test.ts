import { expect, test } from "vitest";
import type { Node } from "./conversation.ts";
import { newMessage } from "./message.ts";
import { turnRequest } from "./turn-request.ts";

const prompt = (id: string, parent: string | null) =>
  newMessage({ id, role: "user", parent, parts: [{ type: "text", text: id }] });
const answer = (id: string, parent: string, group: string | null = null, position = 0) =>
  newMessage({ id, role: "assistant", parent, group, position, parts: [{ type: "text", text: "said" }] });
const asked = { conversation: "c", column: 0, model: "tiny", settings: { system: "s" } };

test("of a plain branch only its end is sent", () => {
  const branch: Node[] = [
    { role: "user", id: "u1", parent: "", message: prompt("u1", null) },
    { role: "answers", id: "a1", parent: "u1", answers: [answer("a1", "u1")] },
  ];
  const last = prompt("u2", "a1");
  expect(turnRequest({ ...asked, branch, last, answer: answer("a2", "u2") })).toEqual({
    sessionId: "c",
    parentId: "a1",
    messages: [{ id: "u2", role: "user", parts: last.parts }],
    answerId: "a2",
    position: 0,
    providerId: "hearth",
    modelId: "tiny",
    settings: { system: "s" },
  });
});

test("beside other answers it is said which of them a model is told again", () => {
  const branch: Node[] = [
    { role: "user", id: "u1", parent: "", message: prompt("u1", null) },
    { role: "answers", id: "g", parent: "u1", answers: [answer("l", "u1", "g"), answer("r", "u1", "g", 1)] },
  ];
  const request = turnRequest({
    ...asked,
    branch,
    column: 1,
    model: "other|some/model",
    last: prompt("u2", "l"),
    answer: answer("r2", "u2", "g2", 1),
  });
  expect(request.messages.map(({ id, parts }) => [id, parts.length])).toEqual([
    ["u1", 0],
    ["r", 0],
    ["u2", 1],
  ]);
  expect(request).toMatchObject({ group: "g2", position: 1, providerId: "other", modelId: "some/model" });
  expect(request).not.toHaveProperty("parentId");
});

test("an answer that is gone on with is sent with its decisions only", () => {
  const at = newMessage({
    id: "a1",
    role: "assistant",
    parent: "u1",
    parts: [
      { type: "text", text: "long" },
      {
        type: "tool-cancel_job",
        toolCallId: "1",
        state: "approval-responded",
        approval: { id: "p", approved: true },
      },
      { type: "tool-list_jobs", toolCallId: "2", state: "output-available", output: [1] },
    ],
  });
  const branch: Node[] = [{ role: "user", id: "u1", parent: "", message: prompt("u1", null) }];
  const request = turnRequest({ ...asked, branch, last: at, answer: at });
  expect(request.messages).toEqual([{ id: "a1", role: "assistant", parts: [at.parts[1]] }]);
  expect(request).toMatchObject({ parentId: "u1" });
  expect(request).not.toHaveProperty("answerId");
});
