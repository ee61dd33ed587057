import { expect, test } from "vitest";
import type { GenerateRequest, Tool } from "../../engine.ts";
import { InvalidRequest } from "../../errors.ts";
import { greedy } from "../../verify-export.ts";
import { wireRequest } from "./request-body.ts";
import type { Extension } from "./server.ts";

const tool: Tool = {
  name: "look",
  description: "looks",
  parameters: { type: "object" },
  strict: true,
};
const messages = [{ role: "user", content: "hello" }];
const asked: GenerateRequest = {
  id: "r",
  prompt: { kind: "chat", messages },
  adapter: null,
  maxTokens: null,
  stop: [],
  sampling: { ...greedy, temperature: 0.5, topP: 0.9, seed: null },
};

function body(change: Partial<GenerateRequest>, extensions: Extension[] = [], url = "http://h/v1") {
  return wireRequest({ provider: "p", url, extensions }, "m", { ...asked, ...change }).body;
}

test("a plain question is sent with what servers would fill in differently, and nothing else", () => {
  expect(body({})).toEqual({
    model: "m",
    messages,
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0.5,
    top_p: 0.9,
  });
});

test("every field that OpenAI's schema has arrives under its name", () => {
  const sampling = {
    ...asked.sampling,
    seed: 7,
    frequencyPenalty: 0.5,
    presencePenalty: -0.5,
    logitBias: new Map([[5, -100]]),
  };
  const sent = body({
    prompt: { kind: "chat", messages, tools: [tool] },
    maxTokens: 9,
    stop: ["a", "b"],
    sampling,
    toolChoice: { name: "look" },
    parallelToolCalls: false,
    output: { kind: "json_schema", name: "x", schema: { type: "object" } },
    logprobs: 3,
  });
  expect(sent).toMatchObject({
    max_tokens: 9,
    stop: ["a", "b"],
    seed: 7,
    frequency_penalty: 0.5,
    presence_penalty: -0.5,
    logit_bias: { 5: -100 },
    tools: [
      {
        type: "function",
        function: { name: "look", description: "looks", parameters: { type: "object" }, strict: true },
      },
    ],
    tool_choice: { type: "function", function: { name: "look" } },
    parallel_tool_calls: false,
    response_format: {
      type: "json_schema",
      json_schema: { name: "x", schema: { type: "object" }, strict: true },
    },
    logprobs: true,
    top_logprobs: 3,
  });
});

test("a model that may call no tool does not hear of them", () => {
  expect(body({ prompt: { kind: "chat", messages, tools: [tool] }, toolChoice: "none" })).not.toHaveProperty(
    "tools",
  );
});

test("OpenAI's own chat models get the newer name of max_tokens", () => {
  expect(body({ maxTokens: 9 }, [], "https://api.openai.com/v1")).toMatchObject({ max_completion_tokens: 9 });
});

test("what a provider understands beyond the schema is always sent, under its name there", () => {
  expect(body({}, ["top_k", "min_p", "repeat_penalty"])).toMatchObject({
    top_k: 0,
    min_p: 0,
    repeat_penalty: 1,
  });
  const sampling = { ...asked.sampling, repetitionPenalty: 1.2 };
  expect(body({ sampling }, ["repetition_penalty"])).toMatchObject({ repetition_penalty: 1.2 });
  const templateVariables = { enable_thinking: false };
  expect(
    body({ prompt: { kind: "chat", messages, templateVariables } }, ["chat_template_kwargs"]),
  ).toMatchObject({ chat_template_kwargs: templateVariables });
});

test.each([
  [{ reasoning_effort: "low" }, "low"],
  [{ enable_thinking: false }, "none"],
])("how much to think is told as OpenAI's schema has it: %j", (templateVariables, reasoning_effort) => {
  expect(body({ prompt: { kind: "chat", messages, templateVariables } })).toMatchObject({ reasoning_effort });
});

const text = { kind: "text" as const, text: "x" };
test.each<[string, Partial<GenerateRequest>]>([
  ["top_k", { sampling: { ...asked.sampling, topK: 5 } }],
  ["min_p", { sampling: { ...asked.sampling, minP: 0.1 } }],
  ["repetition_penalty", { sampling: { ...asked.sampling, repetitionPenalty: 1.1 } }],
  ["chat_template_kwargs", { prompt: { kind: "chat", messages, templateVariables: { a: 1 } } }],
  ["top_logprobs", { logprobs: 21 }],
  ["echo", { promptLogprobs: 0 }],
  ["adapter", { adapter: { path: "a", sha256: "b" } }],
  ["max_tokens", { prompt: text }],
  ["response_format", { prompt: text, maxTokens: 5, output: { kind: "json_object" } }],
])("%s is refused by name where the provider has no field for it", (field, change) => {
  const attempt = () => body(change);
  expect(attempt).toThrow(InvalidRequest);
  expect(attempt).toThrow(expect.objectContaining({ details: { field, provider: "p" } }));
});
