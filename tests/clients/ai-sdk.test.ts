import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, isStepCount, Output, streamText, tool } from "ai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { TestHub } from "../test-hub.ts";
import { answer, clientsHub, question, untilCancelled, weather } from "./models.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await clientsHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

const compatible = () =>
  createOpenAICompatible({
    name: "hearth",
    baseURL: `${hub.url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
const openai = () => createOpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused" });

/** The three ways in which the AI SDK asks. */
const ways = [
  ["openai-compatible", (name: string) => compatible().chatModel(name)],
  ["openai, chat", (name: string) => openai().chat(name)],
  ["openai, responses", (name: string) => openai().responses(name)],
] as const;

describe.each(ways)("%s", (_, model) => {
  test("text, whole and streamed, with its usage", async () => {
    const request = { prompt: question, temperature: 0, maxRetries: 0 };
    const whole = await generateText({ model: model("ember"), ...request });
    expect(whole.text).toBe(answer);
    expect(whole.finishReason).toBe("stop");
    expect(whole.usage.outputTokens).toBeGreaterThan(4);
    const stream = streamText({ model: model("ember"), ...request });
    let text = "";
    for await (const part of stream.textStream) text += part;
    expect(text).toBe(answer);
    expect((await stream.usage).inputTokens).toBe(whole.usage.inputTokens);
  });

  test("a tool is called, run, and its result read", async () => {
    const asked: unknown[] = [];
    const result = await generateText({
      model: model("roomy"),
      prompt: "Weather?",
      tools: {
        get_weather: tool({
          description: "Weather of a city",
          inputSchema: weather,
          execute: (input) => {
            asked.push(input);
            return Promise.resolve("sunny");
          },
        }),
      },
      toolChoice: { type: "tool", toolName: "get_weather" },
      stopWhen: isStepCount(2),
      maxOutputTokens: 600,
      maxRetries: 0,
    });
    expect(result.steps).toHaveLength(2);
    expect(asked.length).toBeGreaterThanOrEqual(2);
    for (const input of asked) weather.parse(input);
  });

  test("calls of tools come in a stream", async () => {
    const stream = streamText({
      model: model("roomy"),
      prompt: "Weather?",
      tools: { get_weather: tool({ description: "Weather of a city", inputSchema: weather }) },
      toolChoice: "required",
      maxOutputTokens: 600,
      maxRetries: 0,
    });
    const calls = await stream.toolCalls;
    expect(calls.length).toBeGreaterThanOrEqual(1);
    for (const call of calls) weather.parse(call.input);
    expect(await stream.finishReason).toBe("tool-calls");
  });

  test("an object by a schema, whole and streamed", async () => {
    const request = {
      prompt: "Weather?",
      output: Output.object({ schema: weather }),
      maxOutputTokens: 600,
      maxRetries: 0,
    };
    weather.parse((await generateText({ model: model("roomy"), ...request })).output);
    const stream = streamText({ model: model("roomy"), ...request });
    let last: unknown = null;
    for await (const part of stream.partialOutputStream) last = part;
    weather.parse(last);
  });

  test("errors keep their status and words", async () => {
    const error: unknown = await generateText({
      model: model("embr"),
      prompt: "x",
      maxRetries: 0,
    }).catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 404, message: expect.stringContaining("ember") });
  });

  test("an abort ends the generation", async () => {
    await untilCancelled(hub, async () => {
      const gone = new AbortController();
      const stream = streamText({
        model: model("roomy"),
        prompt: "go on",
        abortSignal: gone.signal,
        maxOutputTokens: 3000,
        maxRetries: 0,
      });
      for await (const part of stream.fullStream) if (part.type === "text-delta") gone.abort();
    });
  });
});

test.each([
  ["openai-compatible", () => compatible().embeddingModel("ember")],
  ["openai", () => openai().embedding("ember")],
])("embeddings by %s", async (_, model) => {
  const { embeddings, usage } = await embedMany({
    model: model(),
    values: ["a cat", "a dog"],
    maxRetries: 0,
  });
  expect(embeddings.map((vector) => vector.length)).toEqual([128, 128]);
  expect(usage.tokens).toBeGreaterThan(0);
});

test("a conversation goes on by what the responses' provider keeps on the hub", async () => {
  const first = await generateText({
    model: openai().responses("ember"),
    prompt: question,
    temperature: 0,
    maxRetries: 0,
  });
  const next = await generateText({
    model: openai().responses("ember"),
    messages: [
      { role: "user", content: question },
      ...first.response.messages,
      { role: "user", content: "And of France?" },
    ],
    temperature: 0,
    maxRetries: 0,
  });
  expect(next.usage.inputTokens).toBeGreaterThan((first.usage.inputTokens ?? 0) + 8);
});
