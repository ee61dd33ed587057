import type { ModelVersion } from "@hearth/wire/hub/models";
import { expect, test } from "vitest";
import type { Answer, AnswerEvent, AnswerRequest, Generation } from "../api/services.ts";
import { askThrough } from "./measured-evaluations.ts";

test("an evaluation asks with the row's tools and calls, and a call that comes stands in the text", async () => {
  const asked: AnswerRequest[] = [];
  const events: AnswerEvent[] = [
    { type: "tokens", text: "", ids: [7], toolCalls: [{ index: 0, id: "x", name: "now", arguments: "{}" }] },
    {
      type: "done",
      finishReason: "tool_calls",
      completionTokens: 1,
      reasoningTokens: 0,
      ttftMs: 1,
      latencyMs: 2,
    },
  ];
  const generation: Pick<Generation, "start"> = {
    start: (request) => {
      asked.push(request);
      const answer: Partial<Answer> = {
        events: (async function* () {
          yield* events;
        })(),
      };
      return Promise.resolve(answer as Answer);
    },
  };
  const prompt = {
    kind: "chat" as const,
    messages: [
      { role: "user", content: "when?" },
      { role: "assistant", content: "", tool_calls: [{ function: { name: "now", arguments: "{}" } }] },
      { role: "tool", content: "noon", tool_call_id: "1" },
    ],
    tools: [{ name: "now", description: null, parameters: null, strict: false }],
  };
  const version = { id: "v" } as ModelVersion;
  const signal = new AbortController().signal;
  const said = await askThrough(generation as Generation)({ version, prompt, maxTokens: 9 }, signal);
  expect(asked[0]?.prompt).toEqual(prompt);
  expect(said).toEqual({
    text: '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>',
    ttftMs: 1,
    latencyMs: 2,
  });
});
