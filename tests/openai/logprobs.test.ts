import OpenAI from "openai";
import { chatCompletion } from "@hearth/wire/openai/chat-response";
import { completion } from "@hearth/wire/openai/completion";
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

const question = [{ role: "user" as const, content: "What is the capital of Italy?" }];

test("a chat's tokens come with their log probabilities, whole and streamed", async () => {
  const request = { model: "ember", messages: question, temperature: 0, logprobs: true, top_logprobs: 3 };
  const whole = chatCompletion.parse(await openai.chat.completions.create(request));
  const choice = whole.choices[0];
  const content = choice?.logprobs?.content ?? [];
  expect(choice?.message.content).toBe("The capital of Italy is Rome.");
  expect(content.map(({ token }) => token).join("")).toContain("The capital of Italy is Rome.");
  for (const { token, logprob, bytes, top_logprobs: top } of content) {
    expect(new TextDecoder().decode(Uint8Array.from(bytes ?? []))).toBe(token);
    expect(top).toHaveLength(3);
    // Greedy: what was taken is the likeliest.
    expect(top[0]).toMatchObject({ token, logprob });
    expect(top.map((one) => one.logprob)).toEqual(top.map((one) => one.logprob).toSorted((a, b) => b - a));
    expect(logprob).toBeLessThanOrEqual(0);
  }
  const streamed: unknown[] = [];
  let text = "";
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true })) {
    streamed.push(...(chunk.choices[0]?.logprobs?.content ?? []));
    text += chunk.choices[0]?.delta.content ?? "";
  }
  expect(text).toBe(choice?.message.content);
  expect(streamed).toEqual(content);
});

test("without top_logprobs there are no alternatives, and without logprobs nothing", async () => {
  const request = { model: "ember", messages: question, temperature: 0 };
  const some = await openai.chat.completions.create({ ...request, logprobs: true });
  expect(some.choices[0]?.logprobs?.content?.[0]?.top_logprobs).toEqual([]);
  const none = await openai.chat.completions.create(request);
  expect(none.choices[0]?.logprobs).toBeNull();
});

/** What lm-evaluation-harness' `local-completions` sends to score a text of token ids. */
async function score(prompt: number[][] | string[], more: Record<string, unknown> = {}) {
  const response = await hub.post("/v1/completions", {
    model: "ember",
    prompt,
    temperature: 0,
    max_tokens: 1,
    logprobs: 1,
    seed: 1234,
    echo: true,
    ...more,
  });
  return completion.parse(await response.json());
}

test("lm-evaluation-harness' loglikelihood requests: echo, logprobs, one more token", async () => {
  const prompts = [
    [40, 41, 42, 43, 44],
    [50, 51, 52],
  ];
  const { choices, usage } = await score(prompts);
  expect(usage?.prompt_tokens).toBe(8);
  prompts.forEach((prompt, index) => {
    const { logprobs, text } = choices[index] ?? {};
    const {
      token_logprobs: scores = [],
      top_logprobs: top = [],
      tokens = [],
      text_offset: offsets = [],
    } = logprobs ?? {};
    expect(tokens).toHaveLength(prompt.length + 1);
    expect(scores[0]).toBeNull();
    expect(top[0]).toBeNull();
    expect(text).toBe(tokens.join(""));
    expect(offsets[0]).toBe(0);
    // What the harness does with them: the sum over the continuation, and whether greedy decoding gives it.
    const continuation = scores.slice(2, -1);
    expect(continuation.every((value) => typeof value === "number" && value <= 0)).toBe(true);
    for (const [place, alternatives] of top.slice(2, -1).entries()) {
      const best = Math.max(...Object.values(alternatives ?? {}));
      expect(best).toBeGreaterThanOrEqual(continuation[place] ?? NaN);
    }
    // The last one was generated, greedily.
    expect(scores.at(-1)).toBe(Math.max(...Object.values(top.at(-1) ?? {})));
  });
});

test("a text scores the same echoed as generated, and alone as among others", async () => {
  const generated = await openai.completions.create({
    model: "ember",
    prompt: [40, 41, 42],
    max_tokens: 5,
    temperature: 0,
    logprobs: 2,
  });
  const all = await score([[40, 41, 42]], { max_tokens: 5 });
  const lists = all.choices[0]?.logprobs;
  expect(lists?.tokens.slice(3)).toEqual(generated.choices[0]?.logprobs?.tokens);
  const only = await score([[40, 41, 42]], { max_tokens: 0 });
  const alone = only.choices[0]?.logprobs?.token_logprobs ?? [];
  expect(alone).toHaveLength(3);
  alone
    .slice(1)
    .forEach((value, index) => expect(value).toBeCloseTo(lists?.token_logprobs[index + 1] ?? NaN, 3));
  expect(only.choices[0]?.text).toBe(only.choices[0]?.logprobs?.tokens.join(""));
});

test("echoed texts, in a stream", async () => {
  const [prompt] = ["The cat é sleeps"];
  const request = { model: "ember", prompt, max_tokens: 4, temperature: 0, logprobs: 1, echo: true };
  const whole = await openai.completions.create(request);
  const lists = whole.choices[0]?.logprobs;
  expect(whole.choices[0]?.text.startsWith("The cat é sleeps")).toBe(true);
  const tokens: string[] = [];
  const offsets: number[] = [];
  let text = "";
  for await (const chunk of await openai.completions.create({ ...request, stream: true })) {
    text += chunk.choices[0]?.text ?? "";
    tokens.push(...(chunk.choices[0]?.logprobs?.tokens ?? []));
    offsets.push(...(chunk.choices[0]?.logprobs?.text_offset ?? []));
  }
  expect(text).toBe(whole.choices[0]?.text);
  expect(tokens).toEqual(lists?.tokens);
  expect(offsets).toEqual(lists?.text_offset);
});

test("best_of gives the likeliest of the answers", async () => {
  const request = {
    model: "ember",
    prompt: "The cat",
    max_tokens: 6,
    temperature: 1.2,
    seed: 3,
    logprobs: 0,
  };
  const all = await openai.completions.create({ ...request, n: 5 });
  const mean = (choice: OpenAI.CompletionChoice): number => {
    const scores = choice.logprobs?.token_logprobs ?? [];
    return scores.reduce((sum, value) => sum + value, 0) / scores.length;
  };
  const ranked = all.choices.toSorted((one, other) => mean(other) - mean(one)).map(({ text }) => text);
  const best = await openai.completions.create({ ...request, n: 2, best_of: 5 });
  expect(best.choices.map(({ text }) => text)).toEqual(ranked.slice(0, 2));
  expect(best.choices.map(({ index }) => index)).toEqual([0, 1]);
  expect(best.usage?.completion_tokens).toBe(all.usage?.completion_tokens);
});
