import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { enginePid, TestHub } from "./test-hub.ts";

let hub: TestHub;
let openai: OpenAI;
beforeAll(async () => {
  hub = await TestHub.start({ env: { HEARTH_SLOTS: "4", HEARTH_MAX_WAITING: "64" } });
  await hub.addTinyModel();
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
});
afterAll(() => hub[Symbol.asyncDispose]());

test("many callers at once: every answer is its own, whatever else is in the batch", async () => {
  const ask = async (index: number) => {
    const answer = await openai.chat.completions.create({
      model: "tiny",
      messages: [{ role: "user", content: `number ${index}` }],
      max_tokens: 12,
      temperature: 0.8,
      seed: index,
    });
    return answer.choices[0]?.message.content;
  };
  const alone: unknown[] = [];
  for (let index = 0; index < 6; index++) alone.push(await ask(index));
  const together = await Promise.all(Array.from({ length: 24 }, (_, index) => ask(index % 6)));
  expect(together).toEqual(Array.from({ length: 24 }, (_, index) => alone[index % 6]));
});

test("more than may wait is refused with 503 and Retry-After; the rest is answered", async () => {
  // Long enough that none ends before the last has come.
  const answers = await Promise.all(
    Array.from({ length: 100 }, () =>
      hub.post("/v1/completions", { model: "tiny", prompt: "abc", max_tokens: 250, temperature: 0 }),
    ),
  );
  const refused = answers.filter((answer) => answer.status === 503);
  const served = answers.filter((answer) => answer.status === 200);
  expect(refused.length + served.length).toBe(100);
  expect(served.length).toBeGreaterThanOrEqual(68);
  expect(refused.length).toBeGreaterThan(0);
  for (const answer of refused) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  await Promise.all(answers.map((answer) => answer.text()));
});

test("one caller with too much waiting is refused with 429, and another one is still served in turn", async () => {
  await using narrow = await TestHub.start({
    env: { HEARTH_SLOTS: "1", HEARTH_MAX_WAITING_PER_CLIENT: "6" },
  });
  await narrow.addTinyModel();
  const ended: string[] = [];
  const ask = async (user: string, maxTokens: number) => {
    const answer = await narrow.post("/v1/completions", {
      model: "tiny",
      prompt: "abc",
      max_tokens: maxTokens,
      temperature: 0,
      user,
    });
    await answer.text();
    if (answer.ok) ended.push(user);
    return answer;
  };
  const greedy = Array.from({ length: 20 }, () => ask("greedy", 100));
  const first = await Promise.any(greedy);
  const modest = await ask("modest", 1);
  expect(modest.status).toBe(200);
  const answers = await Promise.all(greedy);
  const refused = answers.filter(({ status }) => status === 429);
  expect(first.status).toBe(429);
  expect(refused).toHaveLength(13);
  expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  // Its turn came before those of the greedy one that waited when it came.
  expect(ended.indexOf("modest")).toBeLessThanOrEqual(2);
});

test("an engine that dies fails its streams with an error, and the next request is answered", async () => {
  const stream = await openai.chat.completions.create({
    model: "tiny",
    messages: [{ role: "user", content: "go" }],
    max_tokens: 450,
    temperature: 0,
    stream: true,
  });
  let killed = false;
  const reading = (async () => {
    for await (const chunk of stream) {
      if (killed || (chunk.choices[0]?.delta.content ?? "") === "") continue;
      process.kill(await enginePid(hub), "SIGKILL");
      killed = true;
    }
  })();
  await expect(reading).rejects.toMatchObject({ code: "generation_failed" });
  const again = await openai.completions.create({ model: "tiny", prompt: "abc", max_tokens: 1 });
  expect(again.usage?.completion_tokens).toBe(1);
  const { items } = await hub.client.traces.list({ pageSize: 5 });
  expect(items).toContainEqual(expect.objectContaining({ status: "error", error_code: "generation_failed" }));
});
