import OpenAI from "openai";
import { chatCompletion, chatCompletionChunk } from "@hearth/wire/openai/chat-response";
import { openaiError } from "@hearth/wire/openai/error";
import { responseEvent } from "@hearth/wire/openai/responses/events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { TestHub } from "../test-hub.ts";
import { addRoomyModel, addThinkingModel } from "./random-models.ts";

let hub: TestHub;
let openai: OpenAI;

beforeAll(async () => {
  hub = await TestHub.start();
  await addRoomyModel(hub);
  await addThinkingModel(hub);
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
});
afterAll(() => hub[Symbol.asyncDispose]());

const weather = z.strictObject({ city: z.enum(["Rome", "Paris"]), days: z.int().min(1).max(5) });
const parameters = {
  type: "object",
  properties: {
    city: { type: "string", enum: ["Rome", "Paris"] },
    days: { type: "integer", minimum: 1, maximum: 5 },
  },
  required: ["city", "days"],
  additionalProperties: false,
};
const functionTool = (name: string) => ({ type: "function" as const, function: { name, parameters } });
const tools = [functionTool("get_weather"), functionTool("get_snow")];
const messages = [{ role: "user" as const, content: "What is the weather in Rome?" }];
/** Random weights: only the grammar makes what they say a call. */
const ask = { model: "roomy", messages, tools, temperature: 1, max_tokens: 400 };

function calls(answer: OpenAI.ChatCompletion) {
  const { choices } = chatCompletion.parse(answer);
  return choices.flatMap(({ message }) => message.tool_calls ?? []);
}

test("tool_choice required: there is a call, of a tool there is, with arguments by its schema", async () => {
  for (let seed = 0; seed < 5; seed++) {
    const answer = await openai.chat.completions.create({
      ...ask,
      seed,
      tool_choice: "required",
      parallel_tool_calls: false,
    });
    expect(answer.choices[0]?.finish_reason).toBe("tool_calls");
    expect(answer.choices[0]?.message.content).toBeNull();
    const [call, ...more] = calls(answer);
    expect(more).toEqual([]);
    expect(["get_weather", "get_snow"]).toContain(call?.function.name);
    expect(call?.id).not.toBe("");
    weather.parse(JSON.parse(call?.function.arguments ?? ""));
  }
});

test.each([
  ["a name", { type: "function" as const, function: { name: "get_snow" } }],
  [
    "allowed_tools",
    {
      type: "allowed_tools" as const,
      allowed_tools: {
        mode: "required" as const,
        tools: [{ type: "function", function: { name: "get_snow" } }],
      },
    },
  ],
])("tool_choice by %s", async (_, tool_choice) => {
  for (let seed = 0; seed < 3; seed++) {
    const answer = await openai.chat.completions.create({
      ...ask,
      seed,
      tool_choice,
      parallel_tool_calls: false,
    });
    expect(calls(answer).map((call) => call.function.name)).toEqual(["get_snow"]);
  }
});

test("tool_choice none: the model does not hear of the tools", async () => {
  const without = await openai.chat.completions.create({ ...ask, tools: [], max_tokens: 5, seed: 1 });
  const none = await openai.chat.completions.create({ ...ask, tool_choice: "none", max_tokens: 5, seed: 1 });
  const auto = await openai.chat.completions.create({ ...ask, max_tokens: 5, seed: 1 });
  expect(none.usage?.prompt_tokens).toBe(without.usage?.prompt_tokens);
  expect(none.choices[0]?.message.content).toBe(without.choices[0]?.message.content);
  expect(auto.usage?.prompt_tokens).toBeGreaterThan(none.usage?.prompt_tokens ?? Infinity);
});

test("streamed calls, put together, are the whole ones; choices have calls of their own", async () => {
  const request = {
    ...ask,
    tool_choice: "required" as const,
    parallel_tool_calls: false,
    seed: 3,
    n: 2,
  };
  const whole = chatCompletion.parse(await openai.chat.completions.create(request));
  const names = ["", ""];
  const written = ["", ""];
  const ends: unknown[] = [];
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
    chatCompletionChunk.parse(chunk);
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      for (const call of delta.tool_calls ?? []) {
        names[index] += call.function?.name ?? "";
        written[index] += call.function?.arguments ?? "";
      }
      if (reason !== null) ends.push(reason);
    }
  }
  const expected = whole.choices.map(({ message }) => message.tool_calls?.[0]?.function);
  expect(names).toEqual(expected.map((call) => call?.name));
  expect(written).toEqual(expected.map((call) => call?.arguments));
  expect(ends).toEqual(["tool_calls", "tool_calls"]);
});

test("results go back: the model reads calls and what came of them", async () => {
  const first = await openai.chat.completions.create({
    ...ask,
    tool_choice: "required",
    parallel_tool_calls: false,
    seed: 1,
  });
  const message = first.choices[0]?.message;
  if (message === undefined) throw new Error("an answer was expected");
  const result = { role: "tool" as const, tool_call_id: message.tool_calls?.[0]?.id ?? "", content: "sunny" };
  const next = { ...ask, tool_choice: "none" as const, max_tokens: 8, seed: 1 };
  const short = await openai.chat.completions.create({ ...next, messages });
  const long = await openai.chat.completions.create({ ...next, messages: [...messages, message, result] });
  expect(long.usage?.prompt_tokens).toBeGreaterThan((short.usage?.prompt_tokens ?? 0) + 20);
});

test("OpenAI's own loop of tools runs", async () => {
  let ran = 0;
  const run = openai.chat.completions.runTools(
    {
      ...ask,
      tools: [
        {
          type: "function" as const,
          function: {
            name: "get_weather",
            description: "Weather of a city",
            parameters,
            parse: (text: string) => weather.parse(JSON.parse(text)),
            function: () => {
              ran += 1;
              return "sunny";
            },
          },
        },
      ],
      tool_choice: { type: "function", function: { name: "get_weather" } },
      parallel_tool_calls: false,
      seed: 2,
    },
    { maxChatCompletions: 2 },
  );
  await run.done().catch(() => undefined);
  expect(ran).toBeGreaterThan(0);
});

describe("response_format", () => {
  const json_schema = { name: "weather", schema: parameters, strict: true };
  const form = { model: "roomy", messages, temperature: 1, max_tokens: 400 };

  test("json_schema is followed, whole and streamed, whatever the weights want to say", async () => {
    for (let seed = 0; seed < 5; seed++) {
      const request = { ...form, seed, response_format: { type: "json_schema" as const, json_schema } };
      const answer = await openai.chat.completions.create(request);
      expect(answer.choices[0]?.finish_reason).toBe("stop");
      weather.parse(JSON.parse(answer.choices[0]?.message.content ?? ""));
      let text = "";
      for await (const chunk of await openai.chat.completions.create({ ...request, stream: true }))
        text += chunk.choices[0]?.delta.content ?? "";
      expect(text).toBe(answer.choices[0]?.message.content);
    }
  });

  test("json_object is an object", async () => {
    const answer = await openai.chat.completions.create({
      ...form,
      seed: 5,
      response_format: { type: "json_object" },
    });
    const text = answer.choices[0]?.message.content ?? "";
    expect(text.trimStart().startsWith("{")).toBe(true);
    if (answer.choices[0]?.finish_reason === "stop") expect(typeof JSON.parse(text)).toBe("object");
  });

  test.each([
    [
      "response_format.json_schema.schema.properties.city.not",
      { type: "object", properties: { city: { not: { type: "string" } } } },
    ],
    ["response_format.json_schema.schema.type", { type: "colour" }],
  ])("a schema that a grammar cannot carry is refused at %s", async (param, schema) => {
    const response = await hub.post("/v1/chat/completions", {
      ...form,
      response_format: { type: "json_schema", json_schema: { name: "x", schema } },
    });
    expect(response.status).toBe(400);
    expect(openaiError.parse(await response.json()).error.param).toBe(param);
  });

  test("in responses the path is that of its request", async () => {
    const not = { type: "object", properties: { city: { not: {} } } };
    const refusals = [
      {
        body: { text: { format: { type: "json_schema", name: "x", schema: not } } },
        param: "text.format.schema.properties.city.not",
      },
      {
        body: {
          tools: [{ type: "function", name: "f", parameters: not, strict: true }],
          tool_choice: "required",
        },
        param: "tools[0].parameters.properties.city.not",
      },
    ];
    for (const { body, param } of refusals) {
      const response = await hub.post("/v1/responses", { model: "roomy", input: "x", ...body });
      expect(response.status).toBe(400);
      expect(openaiError.parse(await response.json()).error.param).toBe(param);
    }
  });
});

test("responses: a call, its result, and the answer after it", async () => {
  const tool = { type: "function" as const, name: "get_weather", parameters, strict: true };
  const request = {
    model: "roomy",
    input: "Weather?",
    tools: [tool],
    tool_choice: "required" as const,
    parallel_tool_calls: false,
    max_output_tokens: 400,
  };
  const types: string[] = [];
  let last: OpenAI.Responses.Response | null = null;
  for await (const event of await openai.responses.create({ ...request, stream: true })) {
    responseEvent.parse(event);
    types.push(event.type);
    if (event.type === "response.completed") last = event.response;
  }
  const call = last?.output[0];
  if (last === null || call?.type !== "function_call") throw new Error("a call was expected");
  weather.parse(JSON.parse(call.arguments));
  expect(types.filter((type) => !type.endsWith(".delta"))).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "response.completed",
  ]);
  const after = await openai.responses.create({
    ...request,
    tool_choice: "none",
    previous_response_id: last.id,
    input: [{ type: "function_call_output", call_id: call.call_id, output: "sunny" }],
    max_output_tokens: 4,
  });
  expect(after.output[0]?.type).toBe("message");
  const asked = await openai.responses.create({ ...request, tool_choice: "none", max_output_tokens: 1 });
  expect(after.usage?.input_tokens).toBeGreaterThan((asked.usage?.input_tokens ?? Infinity) + 20);
  const formed = await openai.responses.create({
    model: "roomy",
    input: "Weather?",
    text: { format: { type: "json_schema", name: "weather", schema: parameters } },
    max_output_tokens: 400,
  });
  weather.parse(JSON.parse(formed.output_text));
});

describe("thinking models", () => {
  const think = { model: "thinking", messages, temperature: 1, seed: 1, max_tokens: 12 };

  test("thoughts come apart from the answer, whole and streamed, and are counted", async () => {
    const whole = chatCompletion.parse(await openai.chat.completions.create(think));
    const message = whole.choices[0]?.message;
    expect(message?.reasoning_content?.length).toBeGreaterThan(0);
    expect(message?.content).toBe("");
    expect(whole.usage?.completion_tokens_details.reasoning_tokens).toBe(12);
    let thoughts = "";
    for await (const chunk of await openai.chat.completions.create({ ...think, stream: true }))
      thoughts += chatCompletionChunk.parse(chunk).choices[0]?.delta.reasoning_content ?? "";
    expect(thoughts).toBe(message?.reasoning_content);
  });

  test("responses have them as an item of their own", async () => {
    const answer = await openai.responses.create({
      model: "thinking",
      input: "Why?",
      max_output_tokens: 12,
    });
    expect(answer.output[0]).toMatchObject({ type: "reasoning", summary: [] });
    expect(answer.usage?.output_tokens_details.reasoning_tokens).toBe(12);
  });

  test("reasoning_effort none and chat_template_kwargs turn them off", async () => {
    for (const off of [{ reasoning_effort: "none" }, { chat_template_kwargs: { enable_thinking: false } }]) {
      const response = await hub.post("/v1/chat/completions", { ...think, ...off });
      const answer = chatCompletion.parse(await response.json());
      expect(answer.choices[0]?.message.reasoning_content).toBeUndefined();
      expect(answer.choices[0]?.message.content?.length).toBeGreaterThan(0);
    }
  });

  test.each([
    ["reasoning_effort", { reasoning_effort: "high" }],
    ["chat_template_kwargs.reasoning_effort", { chat_template_kwargs: { reasoning_effort: "high" } }],
    ["chat_template_kwargs.colour", { chat_template_kwargs: { colour: "red" } }],
  ])("what the template does not read is refused: %s", async (param, change) => {
    const response = await hub.post("/v1/chat/completions", { ...think, ...change });
    expect(response.status).toBe(400);
    const { error } = openaiError.parse(await response.json());
    expect(error.param).toBe(param);
    expect(error.message.startsWith(param)).toBe(true);
  });

  test("and by its name in responses", async () => {
    const response = await hub.post("/v1/responses", {
      model: "thinking",
      input: "x",
      reasoning: { effort: "low" },
    });
    expect(openaiError.parse(await response.json()).error.param).toBe("reasoning.effort");
  });
});
