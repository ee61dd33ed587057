import OpenAI from "openai";
import { embeddingList } from "@hearth/wire/openai/embeddings";
import { openaiError } from "@hearth/wire/openai/error";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestHub } from "../test-hub.ts";
import { emberHub } from "./ember-hub.ts";

let hub: TestHub;
let openai: OpenAI;

beforeAll(async () => {
  hub = await emberHub();
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
});
afterAll(() => hub[Symbol.asyncDispose]());

const input = ["The cat sleeps in the garden.", "A cat is in the garden.", "Send the invoice by Friday."];

function product(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? NaN), 0);
}

async function embed(body: Record<string, unknown>) {
  const response = await hub.post("/v1/embeddings", { model: "ember", ...body });
  return { status: response.status, headers: response.headers, json: await response.json() };
}

test("texts become vectors of length 1, in their order; like texts are nearer", async () => {
  // The client asks for base64 and decodes it.
  const { data, usage, model } = await openai.embeddings.create({ model: "ember", input });
  const [cat, other, invoice] = data.map(({ embedding }) => embedding);
  if (cat === undefined || other === undefined || invoice === undefined)
    throw new Error("three were asked for");
  for (const vector of [cat, other, invoice]) {
    expect(vector).toHaveLength(128);
    expect(product(vector, vector)).toBeCloseTo(1, 5);
  }
  expect(product(cat, other)).toBeGreaterThan(product(cat, invoice));
  expect(model).toBe("ember:1");
  const plain = embeddingList.parse((await embed({ input, encoding_format: "float" })).json);
  expect(plain.data.map(({ embedding }) => (embedding as number[]).map(Math.fround))).toEqual(
    data.map(({ embedding }) => embedding),
  );
  expect(usage.total_tokens).toBe(usage.prompt_tokens);
  const alone = await Promise.all(
    input.map((text) => openai.embeddings.create({ model: "ember", input: text })),
  );
  expect(usage.prompt_tokens).toBe(alone.reduce((sum, one) => sum + one.usage.prompt_tokens, 0));
  alone.forEach((one, index) =>
    expect(product(one.data[0]?.embedding ?? [], data[index]?.embedding ?? [])).toBeCloseTo(1, 4),
  );
});

test("token ids, one list and several", async () => {
  const ids = await openai.embeddings.create({ model: "ember", input: [5, 6, 7] });
  const lists = await openai.embeddings.create({ model: "ember", input: [[5, 6, 7], [8]] });
  expect(ids.usage.prompt_tokens).toBe(3);
  expect(lists.data).toHaveLength(2);
  expect(product(ids.data[0]?.embedding ?? [], lists.data[0]?.embedding ?? [])).toBeCloseTo(1, 4);
});

test("dimensions keeps the first numbers, at length 1 again", async () => {
  const [whole, cut] = await Promise.all([
    openai.embeddings.create({ model: "ember", input: input[0] ?? "" }),
    openai.embeddings.create({ model: "ember", input: input[0] ?? "", dimensions: 16 }),
  ]);
  const long = whole.data[0]?.embedding ?? [];
  const short = cut.data[0]?.embedding ?? [];
  expect(short).toHaveLength(16);
  expect(product(short, short)).toBeCloseTo(1, 5);
  const scale = Math.sqrt(product(long.slice(0, 16), long.slice(0, 16)));
  short.forEach((value, index) => expect(value * scale).toBeCloseTo(long[index] ?? NaN, 5));
});

test("a trace tells of it", async () => {
  const { headers } = await embed({ input: "abc" });
  const trace = await hub.client.traces.get(headers.get("x-hearth-trace") ?? "");
  expect(trace).toMatchObject({
    endpoint: "/v1/embeddings",
    model: "ember",
    status: "ok",
    completion_tokens: 0,
  });
  expect(trace.prompt_tokens).toBeGreaterThan(0);
});

test.each([
  ["input", { input: "" }],
  ["input", { input: [] }],
  ["input", { input: [""] }],
  ["input", { input: ["a", 1] }],
  ["input", { input: ["\ud800"] }],
  ["input", { input: [99_999_999] }],
  ["input", { input: "word ".repeat(3000) }],
  ["input", { input: Array.from({ length: 2049 }, () => "a") }],
  ["dimensions", { input: "a", dimensions: 129 }],
  ["dimensions", { input: "a", dimensions: 0 }],
  ["encoding_format", { input: "a", encoding_format: "int8" }],
  ["truncate", { input: "a", truncate: true }],
])("refuses %s", async (param, body) => {
  const { status, json } = await embed(body);
  expect(status).toBe(400);
  expect(openaiError.parse(json).error.param?.replace("[0]", "")).toBe(param);
});
