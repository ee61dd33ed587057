import { expect, test } from "vitest";
import { checkedAnswer } from "./checked-answer.ts";
import type { FinishReason, GenerateEvent, GenerateRequest, ToolCallDelta } from "./engine.ts";

const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"] };
const output = { kind: "json_schema" as const, name: "n", schema };
const prompt: GenerateRequest["prompt"] = {
  kind: "chat",
  messages: [],
  tools: [{ name: "f", description: null, parameters: schema, strict: true }],
};

async function* answer(
  parts: readonly (string | ToolCallDelta)[],
  finishReason: FinishReason,
): AsyncGenerator<GenerateEvent> {
  yield { type: "started", promptTokens: 1, cachedTokens: 0 };
  for (const part of parts)
    yield typeof part === "string"
      ? { type: "tokens", text: part, ids: [1] }
      : { type: "tokens", text: "", ids: [1], toolCalls: [part] };
  yield { type: "done", finishReason, completionTokens: parts.length, stopSequence: null };
}

async function read(events: AsyncIterable<GenerateEvent>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) seen.push(event.type);
  return seen;
}

test("an answer that follows its schema passes as it came", async () => {
  const events = checkedAnswer(answer(['{"n"', ": 1}"], "stop"), { prompt, output });
  expect(await read(events)).toEqual(["started", "tokens", "tokens", "done"]);
});

test("one that does not fails with the place, instead of ending", async () => {
  const wrong = checkedAnswer(answer(['{"n": "one"}'], "stop"), { prompt, output });
  await expect(read(wrong)).rejects.toMatchObject({
    code: "generation_failed",
    message: expect.stringMatching(/does not follow its schema.*\/n/),
  });
});

test("what was cut off, and free text, is not looked at", async () => {
  expect(await read(checkedAnswer(answer(['{"n'], "length"), { prompt, output }))).toContain("done");
  expect(await read(checkedAnswer(answer(["Hi"], "stop"), { prompt }))).toContain("done");
});

test("arguments of a strict function are checked; others are the caller's to check", async () => {
  const call = (text: string) => [
    { index: 0, id: "c", name: "f", arguments: text.slice(0, 3) },
    { index: 0, arguments: text.slice(3) },
  ];
  const checked = (text: string, strict: boolean) =>
    read(
      checkedAnswer(answer(call(text), "tool_calls"), {
        prompt: { ...prompt, tools: [{ name: "f", description: null, parameters: schema, strict }] },
      }),
    );
  expect(await checked('{"n": 2}', true)).toContain("done");
  expect(await checked('{"m": 2}', false)).toContain("done");
  await expect(checked('{"m": 2}', true)).rejects.toThrow("The call of f");
});
