import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestHub } from "../test-hub.ts";
import { ScriptedProvider } from "./scripted-provider.ts";
import { ask, prompt } from "./turns.ts";

const key = "sk-of-the-test-0123456789abcdef";

describe.each([
  { id: "openai", model: "gpt-5", path: "/v1/responses", header: "authorization", value: `Bearer ${key}` },
  { id: "anthropic", model: "claude-sonnet-4-5", path: "/v1/messages", header: "x-api-key", value: key },
  { id: "mine", model: "m", path: "/v1/chat/completions", header: "authorization", value: `Bearer ${key}` },
])("the provider $id", ({ id, model, path, header, value }) => {
  let provider: ScriptedProvider;
  let hub: TestHub;
  beforeEach(async () => {
    provider = await ScriptedProvider.start();
    hub = await TestHub.start({ env: { OPENAI_API_KEY: key, ANTHROPIC_API_KEY: key, MINE_KEY: key } });
    const one = {
      id,
      baseURL: provider.url,
      models: [{ id: model, maxTokens: 500 }],
      ...(id === "mine" ? { apiKey: "${MINE_KEY}" } : {}),
    };
    await writeFile(join(hub.home, "chat.config.json"), JSON.stringify({ providers: [one] }));
  });
  afterEach(async () => {
    await hub[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
  });
  const turn = (text: string, rest = {}) =>
    ask(hub, { id: "s", messages: [prompt(text)], providerId: id, ...rest });

  it("thinks, calls a tool, sees what it returned, and is told all of it again in the next turn", async () => {
    provider.steps.push(
      { reasoning: "I should look", call: { name: "list_models", input: {} } },
      { text: "There are none." },
      { text: "Still none." },
    );
    const first = await turn("which models?", { settings: { reasoningEffort: "low" } });
    expect([first.status, first.body]).toEqual([200, expect.stringContaining("[DONE]")]);
    expect(first.chunks).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ type: "reasoning-delta", delta: "I should look" }),
        expect.objectContaining({ type: "tool-input-available", toolName: "list_models" }),
        expect.objectContaining({ type: "tool-output-available" }),
        expect.objectContaining({ type: "text-delta", delta: "There are none." }),
      ]),
    );
    expect(first.chunks.at(-1)).toMatchObject({
      type: "finish",
      messageMetadata: { provider: id, model, input_tokens: 22, output_tokens: 14 },
    });
    for (const request of provider.requests)
      expect([request.path, request.headers[header], request.body.model]).toEqual([path, value, model]);
    const { messages } = await hub.client.conversations.get("s");
    expect(messages[1]?.parts.map(({ type }) => type)).toEqual([
      "step-start",
      "reasoning",
      "tool-list_models",
      "step-start",
      "text",
    ]);
    await turn("and now?", { parentId: messages[1]?.id });
    const told = JSON.stringify(provider.requests[2]?.body);
    for (const text of ["which models?", "I should look", "list_models", "There are none.", "and now?"])
      expect(told).toContain(text);
    // Signed or sealed thoughts go back as they came.
    if (id !== "mine") expect(told).toContain("sealed-thought");
    // Nothing of a conversation is left with OpenAI.
    if (id === "openai")
      expect(provider.requests.map(({ body }) => body["store"])).toEqual([false, false, false]);
  });

  it("tells of its refusals and of what breaks off, in its own words and without its key", async () => {
    provider.steps.push(
      { refusal: { status: 401, message: `Incorrect API key provided: ${key}` } },
      { text: "So far", breaks: `overloaded; the key was ${key}` },
    );
    const refused = await turn("a");
    expect(refused.chunks.find(({ type }) => type === "error")?.["errorText"]).toBe(
      "The provider answered 401: Incorrect API key provided: (key)",
    );
    const broken = await turn("b");
    expect(broken.chunks.find(({ type }) => type === "error")?.["errorText"]).toContain(
      "overloaded; the key was (key)",
    );
    const { messages } = await hub.client.conversations.get("s");
    expect(messages.filter(({ role }) => role === "assistant")).toMatchObject([
      { status: "failed", error: expect.stringContaining("Incorrect API key") },
      { status: "failed", error: expect.stringContaining("overloaded") },
    ]);
    expect(JSON.stringify([messages, refused.body, broken.body])).not.toContain(key);
  });
});

describe("providers", () => {
  it("have the hub itself as the first, without any file and without a key", async () => {
    await using hub = await TestHub.start({ env: { HEARTH_API_KEY: key } });
    await hub.addTinyModel();
    const response = await hub.client.conversations.turn({
      id: "s",
      messages: [prompt("hello")],
      providerId: "hearth",
      modelId: "tiny",
      settings: { maxTokens: 4, tools: "none" },
    });
    expect(await response.text()).toContain('"type":"finish"');
    const [, answer] = (await hub.client.conversations.get("s")).messages;
    expect(answer).toMatchObject({
      status: "complete",
      metadata: { provider: "hearth", model: "tiny", traces: [expect.any(String)] },
    });
  });

  it("without their key say where it belongs; unknown ones and unknown models say what there is", async () => {
    await using hub = await TestHub.start();
    const providers = [
      { id: "openai", models: [{ id: "gpt-5" }] },
      {
        id: "mine",
        name: "My server",
        baseURL: "http://127.0.0.1:9/v1",
        apiKey: "${MINE_KEY}",
        models: [{ id: "m" }],
      },
    ];
    await writeFile(join(hub.home, "chat.config.json"), JSON.stringify({ providers }));
    const refusal = async (rest: object) => {
      const { status, body } = await ask(hub, { messages: [prompt("x")], ...rest });
      return [status, JSON.parse(body).error.message];
    };
    expect(await refusal({ providerId: "openai" })).toEqual([
      400,
      "API key not configured for provider: openai. Set OPENAI_API_KEY and restart Hearth.",
    ]);
    expect(await refusal({ providerId: "mine" })).toEqual([
      400,
      "API key not configured for provider: My server. Set MINE_KEY and restart Hearth.",
    ]);
    expect(await refusal({ providerId: "nobody" })).toEqual([
      400,
      'Invalid provider: nobody. Known: "hearth", "openai", "mine".',
    ]);
    expect(await refusal({ providerId: "mine", modelId: "n" })).toEqual([
      400,
      'Invalid model: n. My server has "m".',
    ]);
  });
});
