import { afterAll, beforeAll, expect, test } from "vitest";
import type { GenerateEvent, GenerateRequest } from "../../engine.ts";
import { RequestCancelled, Timeout } from "../../errors.ts";
import { greedy } from "../../verify-export.ts";
import { streamAnswer } from "./chat-stream.ts";
import { wireRequest } from "./request-body.ts";
import type { ServerAddress } from "./server.ts";
import { eventText, json, ScriptedServer, stream, type Script } from "./tests/scripted-server.ts";

const never = new AbortController().signal;
const key = "sk-secret-0123456789";
let server: ScriptedServer;
beforeAll(async () => {
  server = await ScriptedServer.start(() => {});
});
afterAll(() => server[Symbol.asyncDispose]());

const asked: GenerateRequest = {
  id: "r",
  prompt: { kind: "chat", messages: [{ role: "user", content: "hello" }] },
  adapter: null,
  maxTokens: 16,
  stop: [],
  sampling: greedy,
};

function begin(
  script: Script,
  change: Partial<GenerateRequest> = {},
  address: Partial<ServerAddress> = {},
  signal = never,
): AsyncGenerator<GenerateEvent, void, void> {
  server.script = script;
  const to = server.address(address);
  const request = { ...asked, ...change };
  return streamAnswer(to, wireRequest(to, "m", request), request, signal);
}

async function read(...from: Parameters<typeof begin>): Promise<GenerateEvent[]> {
  const events: GenerateEvent[] = [];
  for await (const event of begin(...from)) events.push(event);
  return events;
}

const told = (events: readonly GenerateEvent[], field: "text" | "reasoning"): string =>
  events.map((event) => (event.type === "tokens" ? (event[field] ?? "") : "")).join("");

const chunk = (delta: object, finish_reason: string | null = null, more: object = {}): object => ({
  id: "c",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, delta, finish_reason, ...more }],
});
const usage = { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 };
const done = "data: [DONE]\n\n";

const wires: Record<string, Script> = {
  "OpenAI: usage without choices, [DONE]": stream(
    chunk({ role: "assistant", content: "", refusal: null }),
    chunk({ content: "Hel" }),
    chunk({ content: "lo" }),
    chunk({}, "stop"),
    { id: "c", object: "chat.completion.chunk", choices: [], usage },
    done,
  ),
  "Ollama: role in every delta, usage in every event": stream(
    { ...chunk({ role: "assistant", content: "Hel" }), usage: null },
    { ...chunk({ role: "assistant", content: "lo" }), usage: null },
    { ...chunk({ role: "assistant", content: "" }, "stop"), usage },
    done,
  ),
  "mlx_lm: comments while it reads, usage as a whole completion": stream(
    ": keepalive 512/4000\n\n",
    ": keepalive 4000/4000\n\n",
    chunk({ role: "assistant", content: "Hel" }),
    chunk({ role: "assistant", content: "lo" }),
    chunk({ role: "assistant", content: "" }, "stop"),
    { id: "c", object: "chat.completion", model: "m", created: 1, choices: [], usage },
    done,
  ),
  "llama-server: usage and timings in the last event, no [DONE]": stream(
    chunk({ role: "assistant", content: null }),
    chunk({ content: "Hello" }),
    { ...chunk({}, "stop"), usage, timings: { prompt_n: 1 } },
  ),
  "vLLM: CRLF, stop_reason": (response) => {
    response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
    const events = [
      chunk({ role: "assistant", content: "" }, null, { logprobs: null }),
      chunk({ content: "Hello" }, null, { logprobs: null }),
      chunk({ content: "" }, "stop", { stop_reason: null }),
      { choices: [], usage },
      done,
    ];
    response.end(events.map(eventText).join("").replaceAll("\n", "\r\n"));
  },
  "one that does not stream": json(200, {
    object: "chat.completion",
    choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    usage,
  }),
};

test.each(Object.entries(wires))("%s", async (_, script) => {
  const events = await read(script);
  expect(events[0]).toEqual({ type: "started", promptTokens: null, cachedTokens: null });
  expect(told(events, "text")).toBe("Hello");
  expect(events.at(-1)).toEqual({
    type: "done",
    finishReason: "stop",
    completionTokens: 2,
    stopSequence: null,
    promptTokens: 7,
    cachedTokens: null,
  });
});

test("thinking comes apart from the answer, once, under either name", async () => {
  const events = await read(
    stream(
      chunk({ reasoning_content: "I ", reasoning: "I " }),
      chunk({ reasoning: "think" }),
      chunk({ content: "So." }),
      chunk({}, "stop"),
      { choices: [], usage: { ...usage, completion_tokens_details: { reasoning_tokens: 1 } } },
      done,
    ),
  );
  expect(told(events, "reasoning")).toBe("I think");
  expect(told(events, "text")).toBe("So.");
  expect(events.at(-1)).toMatchObject({ reasoningTokens: 1 });
});

const call = (part: object): object => chunk({ tool_calls: [part] });
const calls: Record<string, Script> = {
  "in parts (OpenAI)": stream(
    call({ index: 0, id: "a", type: "function", function: { name: "look", arguments: "" } }),
    call({ index: 0, function: { arguments: '{"x"' } }),
    call({ index: 0, function: { arguments: ":1}" } }),
    call({ index: 1, id: "b", type: "function", function: { name: "look", arguments: '{"x":2}' } }),
    chunk({}, "tool_calls"),
    done,
  ),
  "whole, each with the index 0 (older Ollama)": stream(
    call({ index: 0, id: "a", type: "function", function: { name: "look", arguments: '{"x":1}' } }),
    call({ index: 0, id: "b", type: "function", function: { name: "look", arguments: '{"x":2}' } }),
    chunk({ role: "assistant", content: "" }, "stop"),
    done,
  ),
  "whole, without an index, arguments as an object": stream(
    chunk({
      tool_calls: [
        { id: "a", function: { name: "look", arguments: { x: 1 } } },
        { id: "b", function: { name: "look", arguments: { x: 2 } } },
      ],
    }),
    chunk({}, "tool_calls"),
    done,
  ),
};

test.each(Object.entries(calls))("calls of tools: %s", async (_, script) => {
  const events = await read(script);
  const parts = events.flatMap((event) => (event.type === "tokens" ? (event.toolCalls ?? []) : []));
  const joined = [0, 1].map((index) => {
    const own = parts.filter((part) => part.index === index);
    return { id: own[0]?.id, name: own[0]?.name, arguments: own.map((part) => part.arguments).join("") };
  });
  expect(joined).toEqual([
    { id: "a", name: "look", arguments: '{"x":1}' },
    { id: "b", name: "look", arguments: '{"x":2}' },
  ]);
  expect(events.at(-1)).toMatchObject({ finishReason: "tool_calls" });
});

test("log probabilities come with their bytes, and ids where they are told", async () => {
  const token = {
    id: 5,
    token: "é",
    bytes: [195, 169],
    logprob: -0.5,
    top_logprobs: [{ token: "e", logprob: -1 }],
  };
  const script = stream(
    chunk({ content: "é" }, null, { logprobs: { content: [token] } }),
    chunk({}, "stop"),
    done,
  );
  const events = await read(script, { logprobs: 1 });
  expect(events[1]).toMatchObject({
    logprobs: [{ id: 5, bytes: [195, 169], logprob: -0.5, top: [{ id: -1, bytes: [101], logprob: -1 }] }],
  });
  expect(server.received.at(-1)?.body).toMatchObject({ logprobs: true, top_logprobs: 1 });
});

test("those of plain texts", async () => {
  const logprobs = {
    tokens: ["a", "bytes:\\xe2\\x80"],
    token_logprobs: [-1, -2],
    top_logprobs: [{ a: -1, c: -3 }, null],
    text_offset: [0, 1],
  };
  const script = stream(
    { object: "text_completion", choices: [{ index: 0, text: "ab", logprobs, finish_reason: "length" }] },
    done,
  );
  const events = await read(script, { prompt: { kind: "text", text: "x" }, logprobs: 2 });
  expect(server.received.at(-1)).toMatchObject({
    path: "/v1/completions",
    body: { prompt: "x", logprobs: 2 },
  });
  expect(events[1]).toMatchObject({
    text: "ab",
    logprobs: [
      { logprob: -1, top: [{ logprob: -1 }, { logprob: -3 }] },
      { bytes: [0xe2, 0x80], logprob: -2, top: [] },
    ],
  });
});

const ignored: [string, Partial<GenerateRequest>, Script][] = [
  ["logprobs", { logprobs: 0 }, stream(chunk({ content: "a" }), chunk({}, "stop"), done)],
  ["tool_choice", { toolChoice: "required" }, stream(chunk({ content: "a" }), chunk({}, "stop"), done)],
  [
    "parallel_tool_calls",
    { parallelToolCalls: false },
    stream(
      call({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
      call({ index: 1, id: "b", function: { name: "f", arguments: "{}" } }),
      chunk({}, "tool_calls"),
      done,
    ),
  ],
];

test.each(ignored)(
  "a server that silently does not do %s does not go through",
  async (field, change, script) => {
    await expect(read(script, change)).rejects.toMatchObject({ code: "invalid_request", details: { field } });
  },
);

const failures: [string, Script, object][] = [
  [
    "an error in the middle (OpenAI)",
    stream(chunk({ content: "a" }), { error: { message: "overloaded" } }),
    { code: "generation_failed", message: /could not answer: overloaded\. *$/ },
  ],
  [
    "an error as a text (mlx_lm)",
    json(404, { error: "Repository not found" }),
    { code: "not_found", message: /answered 404: Repository not found\./, details: { model: "m" } },
  ],
  [
    "an error as an event (older vLLM)",
    stream({ object: "error", message: "bad luck", type: "E", code: 500 }),
    { code: "generation_failed", message: /bad luck/ },
  ],
  [
    "an error as a line (older llama-server)",
    stream('error: {"code":500,"message":"no slot"}\n\n'),
    { code: "generation_failed", message: /no slot/ },
  ],
  [
    "an error with status 200",
    json(200, { error: { message: "no such model" } }),
    { code: "generation_failed", message: /no such model/ },
  ],
  [
    "a stream that ends early",
    stream(chunk({ content: "a" })),
    { code: "generation_failed", message: /ended before the answer/ },
  ],
  [
    "something that is no JSON",
    stream("data: nonsense\n\n"),
    { code: "generation_failed", message: /no JSON: nonsense/ },
  ],
  [
    "a chunk of other types",
    stream({ choices: [{ delta: { content: 5 } }] }),
    { code: "generation_failed", message: /choices\.0\.delta\.content/ },
  ],
  [
    "a call without a name",
    stream(call({ index: 0, id: "a", function: { arguments: "{}" } })),
    { code: "generation_failed", message: /without the tool's name/ },
  ],
  [
    "a filter",
    stream(chunk({ content: "a" }), chunk({}, "content_filter")),
    { code: "generation_failed", message: /content filter/ },
  ],
  [
    "a page instead of an API",
    (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"),
    { code: "unavailable", message: /HTML page.*\/v1/ },
  ],
  [
    "nothing at this address",
    (response) => void response.writeHead(404).end("<html>"),
    { code: "configuration_invalid", message: /an HTML page\. Nothing is at/ },
  ],
  [
    "a redirect",
    (response) => void response.writeHead(302, { location: "http://elsewhere.example/" }).end(),
    { code: "configuration_invalid", message: /redirects to http:\/\/elsewhere/ },
  ],
  [
    "a wrong field",
    json(400, { error: { message: "too hot", param: "temperature", code: "x" } }),
    { code: "invalid_request", message: /too hot/, details: { field: "temperature" } },
  ],
  [
    "a validation error of FastAPI",
    json(422, { detail: "bad body" }),
    { code: "invalid_request", message: /bad body/ },
  ],
  [
    "too many requests",
    json(429, { error: { message: "slow down" } }, { "retry-after": "17" }),
    { code: "unavailable", details: { retry_after_seconds: 17 } },
  ],
  [
    "a server that is loading",
    json(503, { error: { message: "Loading model", code: 503 } }),
    { code: "unavailable", message: /Loading model/ },
  ],
  [
    "a server that fails",
    json(500, { error: { message: "out of memory" } }),
    { code: "generation_failed", message: /out of memory/ },
  ],
];

test.each(failures)("%s", async (_, script, expected) => {
  const { message, ...rest } = expected as { message?: RegExp };
  const error: unknown = await read(script).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject(rest);
  const words = error instanceof Error ? error.message : "";
  if (message !== undefined) expect(words).toMatch(message);
  expect(words).toContain("(provider scripted)");
});

test("the key is sent, and never told, not even by a server that repeats it", async () => {
  const echo: Script = (response, request) =>
    json(401, { error: { message: `Incorrect key: ${String(request.headers.authorization)}` } })(
      response,
      request,
    );
  const error: unknown = await read(echo, {}, { apiKey: key, apiKeyVariable: "MY_KEY" }).catch(
    (reason: unknown) => reason,
  );
  expect(server.received.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
  expect(error).toMatchObject({ code: "configuration_invalid", message: expect.stringContaining("MY_KEY") });
  expect(JSON.stringify(error) + String(error)).not.toContain(key);
});

test("a connection that breaks in the middle", async () => {
  const events = begin((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(eventText(chunk({ content: "a" })), () => response.destroy());
  });
  await events.next();
  await events.next();
  await expect(events.next()).rejects.toMatchObject({
    code: "generation_failed",
    message: expect.stringContaining("in the middle of its answer"),
  });
});

test("without progress: Timeout, and the connection is closed", async () => {
  const events = begin(
    (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(eventText(chunk({ content: "a" })));
    },
    {},
    { timeoutMs: 80 },
  );
  const abandoned = server.abandoned.promise;
  await events.next();
  await events.next();
  await expect(events.next()).rejects.toBeInstanceOf(Timeout);
  await abandoned;
});

test("comments are signs of life, but not for ever", async () => {
  let timer: NodeJS.Timeout | undefined;
  const began = performance.now();
  const work = read(
    (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      timer = setInterval(() => response.write(": keepalive\n\n"), 5);
      response.on("close", () => clearInterval(timer));
    },
    {},
    { timeoutMs: 100 },
  );
  await expect(work).rejects.toBeInstanceOf(Timeout);
  expect(performance.now() - began).toBeGreaterThan(1_000);
});

test("a reader that takes its time is no timeout of the server", async () => {
  const events = begin(
    stream(chunk({ content: "a" }), chunk({ content: "b" }), chunk({}, "stop"), done),
    {},
    { timeoutMs: 50 },
  );
  await events.next();
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 150);
  await promise;
  const rest: GenerateEvent[] = [];
  for await (const event of events) rest.push(event);
  expect(told(rest, "text")).toBe("ab");
});

test("an answer whose counts never come ends all the same", async () => {
  const events = await read(
    (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(eventText(chunk({ content: "a" })) + eventText(chunk({}, "stop")));
    },
    {},
    { timeoutMs: 60 },
  );
  expect(events.at(-1)).toMatchObject({
    type: "done",
    finishReason: "stop",
    completionTokens: 1,
    promptTokens: null,
  });
});

test.each(["abort", "return"] as const)("giving up closes the connection at once: %s", async (way) => {
  const control = new AbortController();
  const events = begin(
    (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(eventText(chunk({ content: "a" })));
    },
    {},
    {},
    control.signal,
  );
  const abandoned = server.abandoned.promise;
  await events.next();
  await events.next();
  if (way === "return") await events.return();
  else {
    control.abort(new Error("gone"));
    await expect(events.next()).rejects.toBeInstanceOf(RequestCancelled);
  }
  await abandoned;
});

test("an answer without end is not kept", async () => {
  const text = "x".repeat(1_000_000);
  const work = read((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const more = (): void => {
      while (!response.destroyed && response.write(eventText(chunk({ content: text }))));
    };
    response.on("drain", more);
    more();
  });
  await expect(work).rejects.toMatchObject({ message: expect.stringContaining("longer than") });
});
