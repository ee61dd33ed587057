import { request } from "node:http";
import { openaiError } from "@hearth/wire/openai/error";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestHub } from "../test-hub.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start();
  await hub.addTinyModel();
});
afterAll(() => hub[Symbol.asyncDispose]());

const paths = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/v1/responses"];

async function refused(path: string, body: unknown): Promise<{ status: number; param: string | null }> {
  const response = await hub.post(path, body);
  const { error } = openaiError.parse(await response.json());
  expect(error.type).toBe("invalid_request_error");
  expect(error.message).not.toBe("");
  return { status: response.status, param: error.param };
}

function nested(depth: number, inner: unknown = 1): unknown {
  let value = inner;
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}

describe.each(paths)("%s", (path) => {
  test.each(["", "{", "null", "[]", "3", '"text"', '{"model": "tiny"', "{'model': 'tiny'}", "\u0000", "NaN"])(
    "is not taken in by %j",
    async (body) => {
      expect((await refused(path, body)).status).toBe(400);
    },
  );

  test("bytes that are no UTF-8", async () => {
    const response = await hub.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: Uint8Array.from([...new TextEncoder().encode('{"model": "'), 0xff, 0xfe, 0x22, 0x7d]),
    });
    expect(response.status).toBe(400);
    openaiError.parse(await response.json());
  });

  test("brackets 100,000 deep", async () => {
    const body = `{"model": "tiny", "x": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
    expect(await refused(path, body)).toMatchObject({ status: 400 });
  });

  test("a body beyond the limit is told so before it is read", async () => {
    const body = JSON.stringify({ model: "tiny", prompt: "x".repeat(10 * 2 ** 20) });
    expect((await refused(path, body)).status).toBe(413);
  });

  test("a prototype is no field", async () => {
    const body = '{"model": "tiny", "__proto__": {"input": "x"}, "constructor": 1}';
    expect((await refused(path, body)).status).toBe(400);
  });
});

const messages = [{ role: "user", content: "x" }];

describe("each wrong value is refused by its name", () => {
  const wrong = [Number.POSITIVE_INFINITY, -1, 1.5, "1", [], {}, true];
  test.each([
    ["temperature", [-0.1, 2.1, "1", [], {}, true, "NaN"]],
    ["top_p", [-0.1, 1.1, "1", [], {}]],
    ["top_k", [-1, 1.5, 1e300, "1"]],
    ["min_p", [-1, 2, "0"]],
    ["n", [0, -1, 1.5, 1e308, "2", [1]]],
    ["seed", [1.5, 1e300, "7", {}]],
    ["max_tokens", [0, -5, 1.5, 1e300, "9"]],
    ["max_completion_tokens", [0, 2 ** 53, "9"]],
    ["top_logprobs", [-1, 21, 1.5, "2"]],
    ["logprobs", [1, "true", []]],
    ["stream", [1, "true", []]],
    ["frequency_penalty", [-3, 3, "0"]],
    ["repetition_penalty", [0, -1, 11, "1"]],
    ["tools", [1, "f", {}]],
    ["tool_choice", [1, "maybe", []]],
    ["response_format", [1, "json"]],
    ["user", [1, "u".repeat(513)]],
    ["adapter", [1, "", "a".repeat(301)]],
    ["parallel_tool_calls", wrong.filter((value) => typeof value !== "boolean")],
  ] as [string, unknown[]][])("%s", async (field, values) => {
    for (const value of values) {
      // 1e400 has no place in JSON text but this one.
      const text = JSON.stringify({ model: "tiny", messages, [field]: "?" });
      const body = text.replace('"?"', value === Infinity ? "1e400" : JSON.stringify(value));
      const answer = await refused("/v1/chat/completions", body);
      expect(answer.status).toBe(400);
      expect(answer.param?.startsWith(field)).toBe(true);
    }
  });

  test.each([
    ["stop[0]", { stop: ["\ud800"] }],
    ["messages[0].content", { messages: [{ role: "user", content: "\udfff" }] }],
    [
      "messages[0].content[0].text",
      { messages: [{ role: "user", content: [{ type: "text", text: "\ud83d" }] }] },
    ],
    ["messages[0].name", { messages: [{ role: "user", content: "x", name: "\ud83d" }] }],
    [
      "messages[0].tool_calls[0].function.arguments",
      {
        messages: [
          {
            role: "assistant",
            tool_calls: [{ id: "c", type: "function", function: { name: "f", arguments: "\ud83d" } }],
          },
        ],
      },
    ],
    [
      "tools[0].function.parameters",
      { tools: [{ type: "function", function: { name: "f", parameters: { enum: ["\ud83d"] } } }] },
    ],
    ["chat_template_kwargs", { chat_template_kwargs: { "\ud83d": 1 } }],
  ])("half a character in %s", async (param, change) => {
    const answer = await refused("/v1/chat/completions", { model: "tiny", messages, ...change });
    expect(answer).toEqual({ status: 400, param });
  });

  test.each([
    [
      "tools[0].function.parameters",
      { tools: [{ type: "function", function: { name: "f", parameters: nested(70) } }] },
    ],
    [
      "response_format.json_schema.schema",
      { response_format: { type: "json_schema", json_schema: { name: "x", schema: nested(1000) } } },
    ],
    ["chat_template_kwargs", { chat_template_kwargs: nested(70_000) }],
  ])("too deep: %s", async (param, change) => {
    const body =
      param === "chat_template_kwargs"
        ? `{"model": "tiny", "messages": [{"role": "user", "content": "x"}], "chat_template_kwargs": ${'{"a":'.repeat(70_000)}1${"}".repeat(70_000)}}`
        : { model: "tiny", messages, ...change };
    expect(await refused("/v1/chat/completions", body)).toEqual({ status: 400, param });
  });
});

test.each([
  ["messages", "/v1/chat/completions", (text: string) => ({ messages: [{ role: "user", content: text }] })],
  ["prompt", "/v1/completions", (text: string) => ({ prompt: text })],
  ["input", "/v1/responses", (text: string) => ({ input: text })],
  ["input[0]", "/v1/embeddings", (text: string) => ({ input: text })],
])(
  "9 MB of %s are refused with their length, and others are answered meanwhile",
  async (param, path, body) => {
    const long = hub.post(path, { model: "tiny", ...body("word ".repeat(1_900_000)) });
    const short = await hub.post("/v1/chat/completions", { model: "tiny", messages, max_tokens: 1 });
    expect(short.status).toBe(200);
    const response = await long;
    expect(response.status).toBe(400);
    expect(openaiError.parse(await response.json()).error.param).toBe(param);
  },
);

test("many wrong fields are told at once, the first one as the reason, and not without end", async () => {
  const body = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`field${index}`, 1]));
  const response = await hub.post("/v1/chat/completions", { model: "tiny", messages, ...body });
  expect(response.status).toBe(400);
  expect((await response.text()).length).toBeLessThan(20_000);
});

test("a client that stops in the middle of its body leaves nothing behind", async () => {
  const outgoing = request(`${hub.url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": "1000" },
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  outgoing.on("error", () => resolve());
  outgoing.write('{"model": "tiny"', () => outgoing.destroy());
  outgoing.on("close", () => resolve());
  await promise;
  const response = await hub.post("/v1/chat/completions", { model: "tiny", messages, max_tokens: 1 });
  expect(response.status).toBe(200);
  expect((await hub.client.status()).inference.active).toBe(0);
});
