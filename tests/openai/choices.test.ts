import OpenAI from "openai";
import { chatCompletionChunk } from "@hearth/wire/openai/chat-response";
import { openaiError } from "@hearth/wire/openai/error";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { TestHub } from "../test-hub.ts";
import { emberHub } from "./ember-hub.ts";

let hub: TestHub;
let openai: OpenAI;

beforeAll(async () => {
  hub = await emberHub();
  await hub.addTinyModel();
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
});
afterAll(() => hub[Symbol.asyncDispose]());

const request = {
  model: "ember",
  messages: [{ role: "user" as const, content: "Tell me a short story." }],
  max_tokens: 4,
  temperature: 1.5,
  seed: 2 ** 32 - 3,
};

async function alone(seed: number): Promise<string | null | undefined> {
  const answer = await openai.chat.completions.create({ ...request, seed });
  return answer.choices[0]?.message.content;
}

test("choice i of n is the answer that seed + i gives alone, and the prompt counts once", async () => {
  const { choices, usage } = await openai.chat.completions.create({ ...request, n: 3 });
  expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
  const expected = [await alone(2 ** 32 - 3), await alone(2 ** 32 - 2), await alone(0)];
  expect(choices.map(({ message }) => message.content)).toEqual(expected);
  expect(new Set(expected).size).toBe(3);
  const one = await openai.chat.completions.create(request);
  expect(usage).toMatchObject({
    prompt_tokens: one.usage?.prompt_tokens,
    completion_tokens: 12,
    total_tokens: (one.usage?.prompt_tokens ?? 0) + 12,
  });
});

test("a seed below 0, as OpenAI's 64 bits allow, is one of 32 bits", async () => {
  expect(await alone(-1)).toBe(await alone(2 ** 32 - 2));
});

test("streamed choices come mixed, each by its index, and every choice leaves a trace", async () => {
  // So long that on a busy machine, too, the second begins before the first has ended.
  const long = { ...request, n: 3, max_tokens: 100 };
  const whole = await openai.chat.completions.create(long);
  const before = (await hub.client.traces.list()).total;
  const stream = await openai.chat.completions.create({
    ...long,
    stream: true,
    stream_options: { include_usage: true },
  });
  const texts = ["", "", ""];
  const order: number[] = [];
  const ends: number[] = [];
  let usage: unknown = null;
  for await (const chunk of stream) {
    chatCompletionChunk.parse(chunk);
    usage = chunk.usage ?? usage;
    for (const { index, delta, finish_reason: reason } of chunk.choices) {
      texts[index] += delta.content ?? "";
      order.push(index);
      if (reason !== null) ends.push(index);
    }
  }
  expect(texts).toEqual(whole.choices.map(({ message }) => message.content));
  expect(ends.toSorted((a, b) => a - b)).toEqual([0, 1, 2]);
  expect(order.indexOf(1)).toBeLessThan(order.lastIndexOf(0));
  expect(whole.usage?.completion_tokens).toBeGreaterThan(12);
  expect(usage).toMatchObject({
    total_tokens: whole.usage?.total_tokens,
    completion_tokens: whole.usage?.completion_tokens,
  });
  expect((await hub.client.traces.list()).total).toBe(before + 3);
});

test("a client that goes away ends every choice", async () => {
  // This model is so small that answers may be complete before the hub hears of the abort: then again.
  for (let cancelled = 0; cancelled === 0;) {
    const gone = new AbortController();
    const stream = await openai.chat.completions.create(
      { ...request, model: "tiny", n: 4, max_tokens: 450, stream: true },
      { signal: gone.signal },
    );
    await stream[Symbol.asyncIterator]().next();
    gone.abort();
    let active = 1;
    while (active > 0) active = (await hub.client.status()).inference.active;
    const { items } = await hub.client.traces.list();
    cancelled = items.slice(0, 4).filter(({ status }) => status === "cancelled").length;
  }
});

test("several prompts of one request, texts and token ids, are answered in their order", async () => {
  const ask = async (prompt: string | string[] | number[] | number[][], n = 1) =>
    await openai.completions.create({ model: "ember", prompt, n, max_tokens: 4, temperature: 0 });
  const apart = [await ask("abc"), await ask("xyz")];
  const together = await ask(["abc", "xyz"], 2);
  const texts = apart.map(({ choices }) => choices[0]?.text);
  expect(together.choices.map(({ text, index }) => [index, text])).toEqual([
    [0, texts[0]],
    [1, texts[0]],
    [2, texts[1]],
    [3, texts[1]],
  ]);
  const prompts = apart.reduce((sum, { usage }) => sum + (usage?.prompt_tokens ?? 0), 0);
  expect(together.usage).toMatchObject({ prompt_tokens: prompts, completion_tokens: 16 });
  const ids = await ask([[5, 6, 7], [8, 9], ...Array.from({ length: 20 }, (_, id) => [id + 5])]);
  expect(ids.choices.map(({ index }) => index)).toEqual(Array.from({ length: 22 }, (_, index) => index));
  expect(ids.choices[0]?.text).toBe((await ask([5, 6, 7])).choices[0]?.text);
});

test("streamed prompts too", async () => {
  const prompt = ["abc", "xyz"];
  const fixed = { model: "ember", prompt, max_tokens: 4, temperature: 0 };
  const whole = await openai.completions.create(fixed);
  const texts = ["", ""];
  for await (const chunk of await openai.completions.create({ ...fixed, stream: true }))
    for (const { index, text } of chunk.choices) texts[index] += text;
  expect(texts).toEqual(whole.choices.map(({ text }) => text));
});

test("echo gives the prompt before the answer", async () => {
  const fixed = { model: "tiny", prompt: "abc é", max_tokens: 4, temperature: 0 };
  const plain = await openai.completions.create(fixed);
  const echoed = await openai.completions.create({ ...fixed, echo: true });
  expect(echoed.choices[0]?.text).toBe(`abc é${plain.choices[0]?.text}`);
  const only = await openai.completions.create({ ...fixed, echo: true, max_tokens: 0 });
  expect(only.choices[0]).toMatchObject({ text: "abc é", finish_reason: "length" });
  expect(only.usage).toMatchObject({ completion_tokens: 0, total_tokens: plain.usage?.prompt_tokens });
  let text = "";
  for await (const chunk of await openai.completions.create({ ...fixed, echo: true, stream: true }))
    text += chunk.choices[0]?.text ?? "";
  expect(text).toBe(echoed.choices[0]?.text);
});

test("more answers than a request may have are refused", async () => {
  const prompt = Array.from({ length: 200 }, () => "a");
  const response = await hub.post("/v1/completions", { model: "tiny", prompt, n: 16, max_tokens: 1 });
  expect(response.status).toBe(400);
  expect(openaiError.parse(await response.json()).error).toMatchObject({ param: "prompt" });
});

test("a long conversation is refused with both lengths, or cut where that is asked for", async () => {
  const messages = [
    { role: "system" as const, content: "Be brief." },
    ...Array.from({ length: 60 }, (_, turn) => ({
      role: turn % 2 === 0 ? ("user" as const) : ("assistant" as const),
      content: `This is turn ${turn} of many.`,
    })),
    { role: "user" as const, content: "And now?" },
  ];
  const body = { model: "tiny", messages, max_tokens: 20, temperature: 0 };
  const refused = await hub.post("/v1/chat/completions", body);
  expect(refused.status).toBe(400);
  expect(openaiError.parse(await refused.json()).error.code).toBe("context_length_exceeded");
  const cut = await openai.chat.completions.create(Object.assign({ truncate: true }, body));
  expect(cut.usage?.prompt_tokens).toBeGreaterThan(300);
  expect(cut.usage?.prompt_tokens).toBeLessThanOrEqual(492);
  // What is left is the system message and the latest turns.
  const kept = await Promise.all(
    Array.from({ length: 60 }, async (_, dropped) => {
      const shorter = [...messages.slice(0, 1), ...messages.slice(1 + dropped)];
      const answer = await hub.post("/v1/chat/completions", { ...body, messages: shorter, max_tokens: 1 });
      return answer.status === 200 ? ((await answer.json()) as OpenAI.ChatCompletion).usage : undefined;
    }),
  );
  expect(kept.map((usage) => usage?.prompt_tokens)).toContain(cut.usage?.prompt_tokens);
  const text = await hub.post("/v1/completions", {
    model: "tiny",
    prompt: "word ".repeat(2000),
    truncate: true,
    max_tokens: 12,
  });
  expect(((await text.json()) as OpenAI.Completion).usage?.prompt_tokens).toBe(500);
});
