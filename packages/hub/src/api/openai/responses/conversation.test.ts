import { responseInput } from "@hearth/wire/openai/responses/input-items";
import { expect, test } from "vitest";
import { messagesOf } from "./conversation.ts";
import { readInput } from "./input.ts";

const nothing = { get: () => Promise.reject(new Error("nothing is stored")) };

async function messages(items: unknown) {
  return messagesOf("Be brief.", await readInput(responseInput.parse(items), nothing));
}

test("a text is a message of the user, after the instructions", async () => {
  expect(await messages("Hi")).toEqual([
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
  ]);
});

test("what an assistant thought, said and called in one go is one message", async () => {
  const call = (id: string, name: string) => ({
    type: "function_call",
    call_id: id,
    name,
    arguments: "{}",
  });
  const [, ...read] = await messages([
    { role: "developer", content: [{ type: "input_text", text: "a" }] },
    { role: "user", content: "b" },
    { type: "reasoning", id: "rs_1", summary: [], content: [{ type: "reasoning_text", text: "hm" }] },
    { role: "assistant", content: [{ type: "output_text", text: "I look.", annotations: [] }] },
    call("c1", "f"),
    call("c2", "g"),
    { type: "function_call_output", call_id: "c1", output: "1" },
    { type: "function_call_output", call_id: "c2", output: [{ type: "input_text", text: "2" }] },
    { role: "assistant", content: "Both." },
    { role: "assistant", content: "Done." },
  ]);
  const called = (id: string, name: string) => ({
    id,
    type: "function",
    function: { name, arguments: "{}" },
  });
  expect(read).toEqual([
    { role: "system", content: "a" },
    { role: "user", content: "b" },
    {
      role: "assistant",
      content: "I look.",
      reasoning_content: "hm",
      tool_calls: [called("c1", "f"), called("c2", "g")],
    },
    { role: "tool", tool_call_id: "c1", content: "1" },
    { role: "tool", tool_call_id: "c2", content: "2" },
    { role: "assistant", content: "Both." },
    { role: "assistant", content: "Done." },
  ]);
});

test("a reference to what is not stored is refused by its place", async () => {
  const id = "msg_0123456789abcdef0123456789abcdef_0";
  await expect(
    messages([
      { role: "user", content: "x" },
      { type: "item_reference", id },
    ]),
  ).rejects.toMatchObject({
    code: "invalid_request",
    details: { field: "input[1].id" },
  });
});
