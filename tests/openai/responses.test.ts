import OpenAI from "openai";
import { openaiError } from "@hearth/wire/openai/error";
import { responseEvent } from "@hearth/wire/openai/responses/events";
import { responseObject } from "@hearth/wire/openai/responses/response";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enginePid, type TestHub } from "../test-hub.ts";
import { emberHub } from "./ember-hub.ts";

let hub: TestHub;
let openai: OpenAI;

beforeAll(async () => {
  hub = await emberHub();
  await hub.addTinyModel();
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
});
afterAll(() => hub[Symbol.asyncDispose]());

const question = { model: "ember", input: "What is the capital of Italy?", temperature: 0 };

/** The output as a client adds it to its next input; the types of OpenAI's client know more kinds than fit there. */
function sentBack(response: OpenAI.Responses.Response): OpenAI.Responses.ResponseInputItem[] {
  return response.output as OpenAI.Responses.ResponseInputItem[];
}

test("a text is answered, and the answer says what was asked", async () => {
  const { data, response } = await openai.responses
    .create({ ...question, instructions: "Be brief.", metadata: { a: "b" }, store: false })
    .withResponse();
  const answer = responseObject.parse(data);
  expect(data.output_text).toContain("Rome");
  expect(answer).toMatchObject({
    status: "completed",
    model: "ember:1",
    instructions: "Be brief.",
    metadata: { a: "b" },
    store: false,
    previous_response_id: null,
    temperature: 0,
    tools: [],
  });
  expect(answer.usage?.total_tokens).toBe(
    (answer.usage?.input_tokens ?? 0) + (answer.usage?.output_tokens ?? 0),
  );
  const trace = await hub.client.traces.get(response.headers.get("x-hearth-trace") ?? "");
  expect(trace).toMatchObject({ endpoint: "/v1/responses", status: "ok" });
  expect(answer.id).toBe(`resp_${trace.id.replaceAll("-", "")}`);
  await expect(openai.responses.retrieve(answer.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

test("a stream has OpenAI's events, numbered, and ends with the whole response", async () => {
  const whole = await openai.responses.create(question);
  const stream = await openai.responses.create({ ...question, stream: true });
  const types: string[] = [];
  let text = "";
  let last: unknown = null;
  for await (const event of stream) {
    expect(responseEvent.parse(event).sequence_number).toBe(types.length);
    types.push(event.type);
    if (event.type === "response.output_text.delta") text += event.delta;
    if (event.type === "response.completed") last = event.response;
  }
  expect(types.filter((type) => type !== "response.output_text.delta")).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.completed",
  ]);
  expect(text).toBe(whole.output_text);
  const kept = await openai.responses.retrieve(responseObject.parse(last).id);
  expect(responseObject.parse(kept)).toEqual(responseObject.parse(last));
  const helper = await openai.responses.stream(question).finalResponse();
  expect(helper.output_text).toBe(text);
});

test("the wire: each event is named by its type and nothing follows the last", async () => {
  const response = await hub.post("/v1/responses", { ...question, stream: true });
  const events = (await response.text()).trimEnd().split("\n\n");
  for (const event of events) {
    const [name = "", data = ""] = event.split("\n");
    expect(name).toBe(`event: ${(JSON.parse(data.replace(/^data: /, "")) as { type: string }).type}`);
  }
  expect(events.at(-1)).toContain("event: response.completed");
});

test("max_output_tokens leaves a response incomplete, whole and streamed", async () => {
  const short = { ...question, max_output_tokens: 3 };
  const whole = await openai.responses.create(short);
  expect(whole).toMatchObject({
    status: "incomplete",
    incomplete_details: { reason: "max_output_tokens" },
    output: [{ status: "incomplete" }],
  });
  const types: string[] = [];
  for await (const event of await openai.responses.create({ ...short, stream: true })) types.push(event.type);
  expect(types.at(-1)).toBe("response.incomplete");
});

test("previous_response_id goes on with the conversation, as if all of it had been sent", async () => {
  const first = await openai.responses.create(question);
  const input = "And of France?";
  const second = await openai.responses.create({ ...question, input, previous_response_id: first.id });
  const third = await openai.responses.create({
    ...question,
    input: "Hello!",
    previous_response_id: second.id,
  });
  const turn = (role: "user" | "assistant", content: string) => ({ role, content });
  const said = [
    turn("user", question.input),
    turn("assistant", first.output_text),
    turn("user", input),
    turn("assistant", second.output_text),
    turn("user", "Hello!"),
  ];
  const sent = await openai.responses.create({ ...question, input: said, store: false });
  expect(third.output_text).toBe(sent.output_text);
  expect(third.usage?.input_tokens).toBe(sent.usage?.input_tokens);
  const chat = await openai.chat.completions.create({ model: "ember", messages: said, temperature: 0 });
  expect(chat.choices[0]?.message.content).toBe(third.output_text);
  expect(chat.usage?.prompt_tokens).toBe(third.usage?.input_tokens);

  // What the output's items are is enough to send them back.
  const echoed = await openai.responses.create({
    ...question,
    input: [turn("user", question.input), ...sentBack(first), turn("user", input)],
  });
  const referred = await openai.responses.create({
    ...question,
    input: [
      turn("user", question.input),
      ...first.output.map((item) => ({ type: "item_reference" as const, id: item.id ?? "" })),
      turn("user", input),
    ],
  });
  for (const other of [echoed, referred]) expect(other.usage?.input_tokens).toBe(second.usage?.input_tokens);

  await openai.responses.delete(first.id);
  const refused = await hub.post("/v1/responses", { ...question, previous_response_id: third.id });
  expect(refused.status).toBe(400);
  expect(openaiError.parse(await refused.json()).error.param).toBe("previous_response_id");
  await expect(openai.responses.delete(first.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

test("instructions do not go on to the next response", async () => {
  const plain = await openai.responses.create({ ...question, input: "Hello!" });
  const told = await openai.responses.create({ ...question, input: "Hello!", instructions: "You are Ann." });
  expect(told.usage?.input_tokens).toBeGreaterThan(plain.usage?.input_tokens ?? Infinity);
  const after = await openai.responses.create({
    ...question,
    input: [{ role: "user", content: "Hello!" }, ...sentBack(told), { role: "user", content: "Bye" }],
  });
  const next = await openai.responses.create({ ...question, input: "Bye", previous_response_id: told.id });
  expect(next.usage?.input_tokens).toBe(after.usage?.input_tokens);
});

test("input items, page by page, in both orders", async () => {
  const input = Array.from({ length: 5 }, (_, index) => ({
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    content: `turn ${index}`,
  }));
  const { id } = await openai.responses.create({ ...question, input, max_output_tokens: 2 });
  const texts: string[] = [];
  for await (const item of openai.responses.inputItems.list(id, { limit: 2, order: "asc" }))
    if (item.type === "message" && "content" in item)
      for (const part of item.content) if ("text" in part) texts.push(part.text);
  expect(texts).toEqual(["turn 0", "turn 1", "turn 2", "turn 3", "turn 4"]);
  const page = await openai.responses.inputItems.list(id, { limit: 1 });
  expect(page.data).toMatchObject([{ role: "user", content: [{ text: "turn 4" }] }]);
  expect(page.has_more).toBe(true);
  expect((await hub.fetch(`/v1/responses/${id}/input_items?after=nothing`)).status).toBe(400);
  expect((await hub.fetch(`/v1/responses/${id}/input_items?limit=0`)).status).toBe(400);
});

test("log probabilities come with the text", async () => {
  const asked = { ...question, include: ["message.output_text.logprobs" as const], top_logprobs: 2 };
  const whole = await openai.responses.create(asked);
  const part = responseObject.parse(whole).output[0];
  const logprobs = part?.type === "message" ? (part.content[0]?.logprobs ?? []) : [];
  expect(logprobs.length).toBeGreaterThan(4);
  expect(logprobs[0]?.top_logprobs).toHaveLength(2);
  const streamed: unknown[] = [];
  for await (const event of await openai.responses.create({ ...asked, stream: true }))
    if (event.type === "response.output_text.delta") streamed.push(...event.logprobs);
  expect(streamed).toEqual(logprobs);
});

test("truncation: auto drops what is oldest; disabled refuses with both lengths", async () => {
  const input = Array.from({ length: 41 }, (_, index) => ({
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    content: `This is turn ${index}.`,
  }));
  const asked = { ...question, input, max_output_tokens: 8 };
  const refused = await hub.post("/v1/responses", asked);
  expect(refused.status).toBe(400);
  expect(openaiError.parse(await refused.json()).error).toMatchObject({
    code: "context_length_exceeded",
    param: "input",
  });
  const cut = await openai.responses.create({ ...asked, truncation: "auto" });
  expect(cut.usage?.input_tokens).toBeLessThanOrEqual(248);
});

test("an engine that dies: error, then response.failed, and nothing is stored", async () => {
  const own = await emberHub();
  try {
    await own.addTinyModel();
    const response = await own.post("/v1/responses", {
      model: "tiny",
      input: "go",
      temperature: 0,
      max_output_tokens: 450,
      stream: true,
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    let killed = false;
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      text += next.value;
      if (killed || !text.includes("output_text.delta")) continue;
      process.kill(await enginePid(own), "SIGKILL");
      killed = true;
    }
    const events = text.trimEnd().split("\n\n");
    expect(events.at(-2)).toContain("event: error");
    expect(events.at(-1)).toContain("event: response.failed");
    const { response: failed } = JSON.parse(events.at(-1)?.split("\ndata: ")[1] ?? "") as {
      response: { id: string; status: string };
    };
    expect(failed.status).toBe("failed");
    expect((await own.fetch(`/v1/responses/${failed.id}`)).status).toBe(404);
  } finally {
    await own[Symbol.asyncDispose]();
  }
});

describe("what does not work is refused by name", () => {
  test.each([
    ["background", { background: true }],
    ["conversation", { conversation: "c" }],
    ["prompt", { prompt: { id: "p" } }],
    ["context_management", { context_management: [] }],
    ["max_tool_calls", { max_tool_calls: 2 }],
    ["tools[0].type", { tools: [{ type: "web_search" }] }],
    ["tools[0].type", { tools: [{ type: "file_search", vector_store_ids: ["v"] }] }],
    ["tools[0].type", { tools: [{ type: "custom", name: "c" }] }],
    ["tool_choice", { tool_choice: "required" }],
    ["tool_choice", { tool_choice: { type: "mcp", server_label: "s" } }],
    ["include[0]", { include: ["reasoning.encrypted_content"] }],
    ["reasoning.summary", { reasoning: { summary: "auto" } }],
    ["text.format.type", { text: { format: { type: "grammar" } } }],
    ["text.verbosity", { text: { verbosity: "low" } }],
    ["input", { input: [] }],
    ["input[0].type", { input: [{ type: "computer_call", id: "x" }] }],
    ["input[0].role", { input: [{ role: "tool", content: "x" }] }],
    ["input[0].content", { input: [{ role: "user", content: "\udc00" }] }],
    ["input[0].content", { input: [{ role: "user", content: [{ type: "input_image", image_url: "x" }] }] }],
    ["input[0].id", { input: [{ type: "item_reference", id: "msg_1" }] }],
    ["previous_response_id", { previous_response_id: "resp_none" }],
    ["metadata", { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, "v"])) }],
    ["metadata.a", { metadata: { a: 1 } }],
    ["truncation", { truncation: "middle" }],
    ["service_tier", { service_tier: "flex" }],
    ["stream_options", { stream_options: { include_obfuscation: false } }],
    ["max_output_tokens", { max_output_tokens: 0 }],
    ["top_logprobs", { top_logprobs: 21 }],
    ["frobnicate", { frobnicate: 1 }],
  ])("%s", async (param, change) => {
    const response = await hub.post("/v1/responses", { ...question, ...change });
    expect(response.status).toBe(400);
    expect(openaiError.parse(await response.json()).error.param).toBe(param);
  });
});
