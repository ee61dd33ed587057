import OpenAI from "openai";
import { chatCompletion, chatCompletionChunk } from "@hearth/wire/openai/chat-response";
import { completion } from "@hearth/wire/openai/completion";
import { openaiError } from "@hearth/wire/openai/error";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestHub } from "./test-hub.ts";

let hub: TestHub;
let openai: OpenAI;

beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel();
  await hub.client.models.setAlias("tiny", "best", 1);
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
});
afterAll(() => hub[Symbol.asyncDispose]());

const question = [{ role: "user" as const, content: "Say something." }];

test("models are listed by name, version and alias", async () => {
  const names: string[] = [];
  for await (const model of openai.models.list()) names.push(model.id);
  expect(names).toEqual(["tiny", "tiny:1", "tiny@best"]);
  for (const name of names)
    expect(await openai.models.retrieve(name)).toMatchObject({
      id: name,
      object: "model",
      owned_by: "hearth",
    });
});

test.each(["tiny", "tiny:1", "tiny@best"])("a chat completion by %s", async (model) => {
  const { data, response } = await openai.chat.completions
    .create({ model, messages: question, max_completion_tokens: 6, temperature: 0 })
    .withResponse();
  const answer = chatCompletion.parse(data);
  expect(answer.model).toBe("tiny:1");
  expect(answer.choices[0]?.finish_reason).toBe("length");
  expect(answer.usage?.completion_tokens).toBe(6);
  expect(answer.usage?.total_tokens).toBe((answer.usage?.prompt_tokens ?? 0) + 6);
  expect(response.headers.get("x-hearth-version")).toBe("tiny:1");
  const trace = await hub.client.traces.get(response.headers.get("x-hearth-trace") ?? "");
  const version = await hub.client.models.resolve("tiny");
  expect(trace).toMatchObject({
    endpoint: "/v1/chat/completions",
    model: "tiny",
    version: 1,
    version_id: version.id,
    artifact_sha256: version.sha256,
    status: "ok",
    finish_reason: "length",
    completion_tokens: 6,
    prompt_tokens: answer.usage?.prompt_tokens,
  });
  expect(answer.id).toBe(`chatcmpl-${trace.id}`);
});

test("a streamed chat completion has the text of the whole one", async () => {
  const request = { model: "tiny", messages: question, max_tokens: 8, temperature: 0, seed: 3 };
  const whole = await openai.chat.completions.create(request);
  const stream = await openai.chat.completions.create({
    ...request,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  const ends: unknown[] = [];
  let usage: unknown = null;
  for await (const chunk of stream) {
    chatCompletionChunk.parse(chunk);
    const choice = chunk.choices[0];
    text += choice?.delta.content ?? "";
    if (choice?.finish_reason) ends.push(choice.finish_reason);
    if (chunk.usage) {
      expect(chunk.choices).toEqual([]);
      usage = chunk.usage;
    }
  }
  expect(text).toBe(whole.choices[0]?.message.content);
  expect(ends).toEqual(["length"]);
  expect(usage).toMatchObject({ completion_tokens: 8, prompt_tokens: whole.usage?.prompt_tokens });
});

test("without include_usage no chunk speaks of usage, and the stream ends with [DONE]", async () => {
  const response = await hub.post("/v1/chat/completions", {
    model: "tiny",
    messages: question,
    max_tokens: 2,
    stream: true,
  });
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  const text = await response.text();
  expect(text).not.toContain("usage");
  expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
});

test("a seed repeats, at any temperature", async () => {
  const ask = () =>
    openai.chat.completions.create({
      model: "tiny",
      messages: question,
      max_tokens: 12,
      temperature: 1.5,
      seed: 11,
    });
  const [first, second] = await Promise.all([ask(), ask()]);
  expect(first.choices[0]?.message.content).toBe(second.choices[0]?.message.content);
});

test("a stop string ends the answer and is not part of it", async () => {
  const free = await openai.chat.completions.create({
    model: "tiny",
    messages: question,
    max_tokens: 12,
    temperature: 0,
  });
  const text = free.choices[0]?.message.content ?? "";
  const stop = text.slice(1, 3);
  const stopped = await openai.chat.completions.create({
    model: "tiny",
    messages: question,
    max_tokens: 12,
    temperature: 0,
    stop: [stop],
  });
  expect(stopped.choices[0]?.finish_reason).toBe("stop");
  expect(stopped.choices[0]?.message.content).toBe(text.slice(0, text.indexOf(stop)));
});

test("logit_bias bans a token", async () => {
  const free = await openai.completions.create({
    model: "tiny",
    prompt: "abc",
    max_tokens: 4,
    temperature: 0,
  });
  const banned = Object.fromEntries(Array.from({ length: 290 }, (_, id) => [String(id + 10), -100]));
  const biased = await openai.completions.create({
    model: "tiny",
    prompt: "abc",
    max_tokens: 4,
    temperature: 0,
    logit_bias: banned,
  });
  expect(biased.choices[0]?.text).not.toBe(free.choices[0]?.text);
});

test("completions: text and token ids, whole and streamed", async () => {
  const whole = completion.parse(
    await openai.completions.create({ model: "tiny", prompt: "abc", max_tokens: 4, temperature: 0 }),
  );
  expect(whole.object).toBe("text_completion");
  const stream = await openai.completions.create({
    model: "tiny",
    prompt: ["abc"],
    max_tokens: 4,
    temperature: 0,
    stream: true,
  });
  let text = "";
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? "";
  expect(text).toBe(whole.choices[0]?.text);
  const byIds = await openai.completions.create({ model: "tiny", prompt: [5, 6, 7], max_tokens: 1 });
  expect(byIds.usage?.prompt_tokens).toBe(3);
});

test("completions answer 16 tokens unless asked otherwise", async () => {
  const answer = await openai.completions.create({ model: "tiny", prompt: "abc", temperature: 0 });
  expect(answer.usage?.completion_tokens).toBe(16);
});

const base = { model: "tiny", messages: question };

describe("what does not work is refused, naming the field", () => {
  test.each([
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["top_logprobs", { top_logprobs: 3 }],
    ["tools", { tools: [{ type: "function", function: { name: "f" } }] }],
    ["tool_choice", { tool_choice: "required" }],
    ["functions", { functions: [{ name: "f" }] }],
    ["response_format.type", { response_format: { type: "json_object" } }],
    ["audio", { audio: { voice: "x" } }],
    ["modalities[0]", { modalities: ["audio"] }],
    ["prediction", { prediction: { type: "content", content: "x" } }],
    ["reasoning_effort", { reasoning_effort: "high" }],
    ["service_tier", { service_tier: "flex" }],
    ["store", { store: true }],
    ["metadata.a", { metadata: { a: "b" } }],
    ["web_search_options", { web_search_options: {} }],
    ["verbosity", { verbosity: "low" }],
    ["prompt_cache_key", { prompt_cache_key: "k" }],
    ["safety_identifier", { safety_identifier: "u" }],
    ["frobnicate", { frobnicate: 1 }],
    ["temperature", { temperature: 3 }],
    ["top_p", { top_p: 1.1 }],
    ["stop", { stop: ["a", "b", "c", "d", "e"] }],
    ["seed", { seed: -1 }],
    ["max_tokens", { max_tokens: 0 }],
    ["max_tokens", { max_tokens: 5, max_completion_tokens: 6 }],
    ["stream_options", { stream_options: { include_usage: true } }],
    ["logit_bias.x", { logit_bias: { x: 1 } }],
    ["messages", { messages: [] }],
    ["messages[0].role", { messages: [{ role: "tool", content: "x", tool_call_id: "1" }] }],
    [
      "messages[0].content",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "x" } }] }] },
    ],
    ["messages[0].name", { messages: [{ role: "user", content: "x", name: "n" }] }],
    ["model", { model: "" }],
  ])("%s", async (param, change) => {
    const response = await hub.post("/v1/chat/completions", { ...base, ...change });
    expect(response.status).toBe(400);
    const { error } = openaiError.parse(await response.json());
    expect(error).toMatchObject({ type: "invalid_request_error", param, code: "invalid_request" });
    expect(error.message).toContain(param);
  });

  test.each([
    ["best_of", { best_of: 2 }],
    ["echo", { echo: true }],
    ["logprobs", { logprobs: 1 }],
    ["suffix", { suffix: "x" }],
    ["prompt", { prompt: ["a", "b"] }],
  ])("completions: %s", async (param, change) => {
    const response = await hub.post("/v1/completions", { model: "tiny", prompt: "a", ...change });
    expect(response.status).toBe(400);
    expect(openaiError.parse(await response.json()).error.param).toBe(param);
  });
});

test("documented defaults and nulls of what does not work are accepted", async () => {
  const response = await hub.post("/v1/chat/completions", {
    ...base,
    max_tokens: 1,
    n: 1,
    logprobs: false,
    top_logprobs: null,
    tools: [],
    tool_choice: "auto",
    parallel_tool_calls: true,
    response_format: { type: "text" },
    store: false,
    metadata: {},
    service_tier: "auto",
    modalities: ["text"],
    audio: null,
    user: "somebody",
    stop: null,
    temperature: null,
    frequency_penalty: 0,
    presence_penalty: 0,
    messages: [
      { role: "developer", content: "be brief" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      { role: "assistant", content: "c", refusal: null, tool_calls: [], annotations: [] },
      { role: "user", content: "d" },
    ],
  });
  expect(response.status).toBe(200);
});

test("an unknown model is a 404 that names the closest", async () => {
  const error = await openai.chat.completions
    .create({ ...base, model: "tyny" })
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  expect(error).toMatchObject({
    code: "model_not_found",
    param: "model",
    message: expect.stringContaining("tiny"),
  });
});

test("a prompt longer than the context is a 400 with both lengths", async () => {
  const content = "word ".repeat(2000);
  const response = await hub.post("/v1/chat/completions", {
    ...base,
    messages: [{ role: "user", content }],
    stream: true,
  });
  expect(response.status).toBe(400);
  const { error } = openaiError.parse(await response.json());
  expect(error).toMatchObject({ code: "context_length_exceeded", param: "messages" });
  expect(error.message).toMatch(/\d{4,} tokens .* 512/);
});

test("a client that goes away ends the generation", async () => {
  // This model is so small that an answer may be complete before the hub hears of the abort: then again.
  for (let cancelled = false; !cancelled;) {
    const gone = new AbortController();
    const { data: stream, response } = await openai.chat.completions
      .create({ ...base, max_tokens: 450, stream: true, temperature: 0 }, { signal: gone.signal })
      .withResponse();
    const first = await stream[Symbol.asyncIterator]().next();
    expect(first.done).toBe(false);
    gone.abort();
    let active = 1;
    while (active > 0) active = (await hub.client.status()).inference.active;
    const trace = await hub.client.traces.get(response.headers.get("x-hearth-trace") ?? "");
    cancelled = trace.status === "cancelled";
    if (cancelled) expect(trace.completion_tokens).toBeLessThan(450);
  }
});

test("a body that is not JSON, not UTF-8 or of another type", async () => {
  expect((await hub.post("/v1/chat/completions", "{")).status).toBe(400);
  const plain = await hub.fetch("/v1/chat/completions", { method: "POST", body: JSON.stringify(base) });
  expect(plain.status).toBe(400);
  expect(openaiError.parse(await plain.json()).error.message).toContain("application/json");
});
