import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, GenerateRequest, JsonSchema, Tool } from "../engine.ts";
import { greedy } from "../verify-export.ts";
import { answer, failure, never, request } from "./asking.ts";
import type { Answer } from "./asking.ts";

const schema: JsonSchema = {
  type: "object",
  properties: {
    colour: { enum: ["red", "green", "blue"] },
    count: { type: "integer", minimum: 0, maximum: 99 },
    tags: { type: "array", items: { enum: ["a", "b"] }, minItems: 1, maxItems: 3 },
  },
  required: ["colour", "count", "tags"],
  additionalProperties: false,
};

const tools: Tool[] = ["paint", "count_up"].map((name) => ({
  name,
  description: `Does ${name}.`,
  parameters: schema,
  strict: true,
}));

function expectInstance(text: string): void {
  const value: unknown = JSON.parse(text);
  expect(value).toEqual({
    colour: expect.stringMatching(/^(red|green|blue)$/),
    count: expect.any(Number),
    tags: expect.any(Array),
  });
  const { count, tags } = value as { count: number; tags: string[] };
  expect(Number.isInteger(count) && count >= 0 && count <= 99).toBe(true);
  expect(tags.length >= 1 && tags.length <= 3 && tags.every((tag) => tag === "a" || tag === "b")).toBe(true);
}

/** Calls of one answer, put together from their parts. */
function callsOf({ events }: Answer): { id: string; name: string; arguments: string }[] {
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const event of events) {
    if (event.type !== "tokens") continue;
    for (const { index, id = "", name = "", arguments: more } of event.toolCalls ?? []) {
      const call = (calls[index] ??= { id, name, arguments: "" });
      call.arguments += more;
    }
  }
  return calls;
}

/** Answers of a given form, where an engine can hold one to it. The model knows nothing, so only force brings the form. */
export function constraintContract(engineOf: () => Engine, createRoomy: () => Promise<Engine>): void {
  const can = (kind: "json_object" | "json_schema"): boolean => engineOf().capabilities.output.includes(kind);
  const hot = (seed: number) => ({ ...greedy, temperature: 1, seed });

  describe("output forms", () => {
    const output = { kind: "json_schema" as const, name: "paint", schema };
    const asked = (seed: number, change: Partial<GenerateRequest> = {}): GenerateRequest =>
      request("say it", { output, maxTokens: 200, sampling: hot(seed), ...change });

    test("json_schema: every answer is an instance, of chats and of texts, many at once", async () => {
      if (!can("json_schema")) return;
      const prompt = { kind: "chat" as const, messages: [{ role: "user", content: "say it" }] };
      const requests = Array.from({ length: 10 }, (_, seed) => asked(seed, seed % 2 === 0 ? { prompt } : {}));
      const answers = await Promise.all(requests.map((each) => answer(engineOf(), each)));
      for (const { text, done } of answers) {
        expect(done.finishReason).toBe("stop");
        expectInstance(text);
      }
      expect(new Set(answers.map(({ text }) => text)).size).toBeGreaterThan(1);
    });

    test("json_object: what came is the beginning of an object, and all of it when it ended by itself", async () => {
      if (!can("json_object")) return;
      const [brace = -1] = await engineOf().tokenize({ kind: "text", text: "}" }, never);
      const ended: string[] = [];
      for (let seed = 0; seed < 6; seed++) {
        const sampling = { ...hot(seed), logitBias: new Map([[brace, 3]]) };
        const form = { kind: "json_object" as const };
        const { text, done } = await answer(engineOf(), asked(seed, { output: form, sampling }));
        expect(text.trimStart()).toMatch(/^\{/);
        if (done.finishReason === "stop") ended.push(text);
      }
      expect(ended.length).toBeGreaterThan(0);
      for (const text of ended) expect(JSON.parse(text)).toBeTypeOf("object");
    });

    test("beside free answers, which stay as they are; with log probabilities and penalties", async () => {
      if (!can("json_schema")) return;
      const engine = engineOf();
      const free = (): GenerateRequest => request("tell me something", { sampling: hot(3), maxTokens: 40 });
      const alone = await answer(engine, free());
      const sampling = { ...hot(4), presencePenalty: 0.5, topK: 40 };
      const logprobs = engine.capabilities.logprobs === null ? null : 2;
      const [held, beside] = await Promise.all([
        answer(engine, asked(4, { sampling, logprobs })),
        answer(engine, free()),
      ]);
      expectInstance(held.text);
      expect(beside.ids).toEqual(alone.ids);
      if (logprobs !== null) expect(held.logprobs).toHaveLength(held.ids.length);
    });

    test("a schema that cannot be followed is refused with its place", async () => {
      if (!can("json_schema")) return;
      const form = { ...output, schema: { type: "object", properties: { a: { type: "nothing" } } } };
      const error = await failure(answer(engineOf(), asked(1, { output: form })));
      expect(error).toMatchObject({
        code: "invalid_request",
        details: { field: expect.stringContaining("properties.a.type") },
      });
    });
  });

  describe("tools", () => {
    const prompt = { kind: "chat" as const, messages: [{ role: "user", content: "paint it" }], tools };
    let roomy: Engine;
    beforeAll(async () => {
      roomy = await createRoomy();
    });
    afterAll(() => roomy.unload());
    const asked = (seed: number, change: Partial<GenerateRequest>): GenerateRequest =>
      request("", { prompt, maxTokens: 300, sampling: hot(seed), ...change });

    test("required: a call, and nothing but calls", async () => {
      if (!roomy.capabilities.toolChoice.includes("required")) return;
      const seeds = [0, 1, 2, 3, 4, 5];
      const answers = await Promise.all(
        seeds.map((seed) => answer(roomy, asked(seed, { toolChoice: "required", parallelToolCalls: false }))),
      );
      for (const one of answers) {
        expect(one.text).toBe("");
        expect(one.done.finishReason).toBe("tool_calls");
        const calls = callsOf(one);
        expect(calls).toHaveLength(1);
        expect(calls[0]?.id).not.toBe("");
        expect(["paint", "count_up"]).toContain(calls[0]?.name);
        expectInstance(calls[0]?.arguments ?? "");
      }
      const ids = answers.flatMap((one) => callsOf(one).map(({ id }) => id));
      expect(new Set(ids).size).toBe(answers.length);
    });

    test("named: a call of that one", async () => {
      if (!roomy.capabilities.toolChoice.includes("named")) return;
      for (const name of ["paint", "count_up"]) {
        const one = await answer(roomy, asked(7, { toolChoice: { name }, parallelToolCalls: false }));
        expect(callsOf(one).map((call) => call.name)).toEqual([name]);
      }
      const error = await failure(answer(roomy, asked(7, { toolChoice: { name: "other" } })));
      expect(error).toMatchObject({ code: "invalid_request" });
    });

    test("none: the model does not hear of them", async () => {
      if (roomy.capabilities.toolChoice.length === 0) return;
      const without = { kind: "chat" as const, messages: prompt.messages };
      const plain = await answer(roomy, asked(1, { prompt: without, maxTokens: 20 }));
      const none = await answer(roomy, asked(1, { toolChoice: "none", maxTokens: 20 }));
      expect(none.started.promptTokens).toBe(plain.started.promptTokens);
      expect(none.ids).toEqual(plain.ids);
    });
  });
}
