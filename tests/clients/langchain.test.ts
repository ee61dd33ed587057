import { HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestHub } from "../test-hub.ts";
import { answer, clientsHub, question, untilCancelled, weather } from "./models.ts";

let hub: TestHub;
beforeAll(async () => {
  hub = await clientsHub();
});
afterAll(() => hub[Symbol.asyncDispose]());

function chat(model: string, more: Record<string, unknown> = {}): ChatOpenAI {
  return new ChatOpenAI({
    model,
    apiKey: "unused",
    configuration: { baseURL: `${hub.url}/v1` },
    maxRetries: 0,
    temperature: 0,
    ...more,
  });
}

test.each([false, true])("text, whole and streamed (responses: %s)", async (useResponsesApi) => {
  const model = chat("ember", { useResponsesApi });
  const whole = await model.invoke(question);
  expect(whole.text).toBe(answer);
  expect(whole.usage_metadata).toMatchObject({ output_tokens: expect.any(Number) });
  let text = "";
  for await (const chunk of await model.stream(question)) text += chunk.text;
  expect(text).toBe(answer);
});

test.each([false, true])("a tool is called and its result read (responses: %s)", async (useResponsesApi) => {
  const getWeather = tool(() => "sunny", {
    name: "get_weather",
    description: "Weather of a city",
    schema: weather,
  });
  const model = chat("roomy", { useResponsesApi, maxTokens: 600, temperature: 1 });
  const bound = model.bindTools([getWeather], { tool_choice: "get_weather" });
  const said = await bound.invoke("Weather?");
  const [call] = said.tool_calls ?? [];
  expect(call?.name).toBe("get_weather");
  weather.parse(call?.args);
  const results = (said.tool_calls ?? []).map(
    ({ id }) => new ToolMessage({ content: "sunny", tool_call_id: id ?? "" }),
  );
  const after = await model.invoke([new HumanMessage("Weather?"), said, ...results]);
  expect(after.usage_metadata).toMatchObject({ input_tokens: expect.any(Number) });
});

test("an object by a schema", async () => {
  const model = chat("roomy", { maxTokens: 600, temperature: 1 });
  weather.parse(await model.withStructuredOutput(weather, { method: "jsonSchema" }).invoke("Weather?"));
  weather.parse(await model.withStructuredOutput(weather, { method: "functionCalling" }).invoke("Weather?"));
});

test("embeddings", async () => {
  const embeddings = new OpenAIEmbeddings({
    model: "ember",
    apiKey: "unused",
    configuration: { baseURL: `${hub.url}/v1` },
    maxRetries: 0,
  });
  const vectors = await embeddings.embedDocuments(["a cat", "a dog"]);
  expect(vectors.map((vector) => vector.length)).toEqual([128, 128]);
});

test("errors keep their status, and an abort ends the generation", async () => {
  await expect(chat("embr").invoke("x")).rejects.toMatchObject({ status: 404 });
  await untilCancelled(hub, async () => {
    const gone = new AbortController();
    const model = chat("roomy", { maxTokens: 3000, temperature: 1 });
    const read = async () => {
      for await (const _ of await model.stream("go on", { signal: gone.signal })) gone.abort();
    };
    await expect(read()).rejects.toThrow();
  });
});
