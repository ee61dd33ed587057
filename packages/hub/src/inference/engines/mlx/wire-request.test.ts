import { describe, expect, test } from "vitest";
import type { GenerateRequest, Tool } from "../../engine.ts";
import { greedy } from "../../verify-export.ts";
import { wireRequest, type Served } from "./wire-request.ts";

const own: Served = { model: "/models/a", contextSize: 4096, own: true, chatTemplate: true, tools: true };
const attached: Served = { ...own, own: false };
const text = { kind: "text" as const, text: "once" };
const chat = { kind: "chat" as const, messages: [{ role: "user", content: "hello" }] };
const tool: Tool = { name: "look", description: null, parameters: null, strict: false };

function request(change: Partial<GenerateRequest> = {}): GenerateRequest {
  return { id: "r", prompt: text, adapter: null, maxTokens: 5, stop: [], sampling: greedy, ...change };
}

describe("a request for mlx_lm.server", () => {
  test("sends every value whose default differs there, and never a stop string", () => {
    expect(wireRequest(own, request({ maxTokens: null, stop: ["\n"] }))).toEqual({
      path: "/v1/completions",
      body: {
        model: "/models/a",
        prompt: "once",
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 4096,
        temperature: 0,
        top_p: 1,
        top_k: 0,
        min_p: 0,
        seed: 0,
      },
    });
  });

  test("names the adapter's folder, also when the registry names its weights", () => {
    for (const path of ["/adapters/one", "/adapters/one/adapters.safetensors"]) {
      const { body } = wireRequest(own, request({ adapter: { path, sha256: "x" } }));
      expect(body["adapters"]).toBe("/adapters/one");
    }
  });

  test("a chat keeps its messages, tools and the template's variables", () => {
    const prompt = { ...chat, tools: [tool], templateVariables: { enable_thinking: false } };
    const { path, body } = wireRequest(own, request({ prompt, logprobs: 3 }));
    expect(path).toBe("/v1/chat/completions");
    expect(body).toMatchObject({
      messages: chat.messages,
      tools: [{ type: "function", function: { name: "look", parameters: { type: "object" } } }],
      chat_template_kwargs: { enable_thinking: false },
      logprobs: true,
      top_logprobs: 3,
    });
  });

  test("with the choice of no tool the model does not hear of them", () => {
    const prompt = { ...chat, tools: [{ ...tool, strict: true }] };
    expect(wireRequest(own, request({ prompt, toolChoice: "none" })).body).not.toHaveProperty("tools");
  });

  const tools = { ...chat, tools: [tool] };
  const refusals: [field: string, served: Served, change: Partial<GenerateRequest>][] = [
    ["response_format", own, { output: { kind: "json_object" } }],
    ["response_format", own, { output: { kind: "json_schema", name: "a", schema: true } }],
    ["tool_choice", own, { prompt: tools, toolChoice: "required" }],
    ["tool_choice", own, { prompt: tools, toolChoice: { name: "look" } }],
    ["parallel_tool_calls", own, { prompt: tools, parallelToolCalls: false }],
    ["tools.function.strict", own, { prompt: { ...chat, tools: [{ ...tool, strict: true }] } }],
    ["tools", { ...own, tools: false }, { prompt: tools }],
    ["messages", { ...own, chatTemplate: false }, { prompt: chat }],
    ["frequency_penalty", own, { sampling: { ...greedy, frequencyPenalty: 1 } }],
    ["presence_penalty", own, { sampling: { ...greedy, presencePenalty: -1 } }],
    ["repetition_penalty", own, { sampling: { ...greedy, repetitionPenalty: 1.1 } }],
    ["max_tokens", own, { maxTokens: 0 }],
    ["echo", own, { promptLogprobs: 0 }],
    ["top_logprobs", own, { logprobs: 12 }],
    ["logit_bias", own, { logprobs: 0, sampling: { ...greedy, logitBias: new Map([[1, 1]]) } }],
    ["logprobs", attached, { logprobs: 0 }],
    ["prompt", attached, { prompt: { kind: "tokens", tokens: [1] } }],
  ];
  test.each(refusals)("refuses %s by name", (field, served, change) => {
    expect(() => wireRequest(served, request(change))).toThrow(
      expect.objectContaining({ code: "invalid_request", details: { field, engine: "mlx" } }),
    );
  });
});
