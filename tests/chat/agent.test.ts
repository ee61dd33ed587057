import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callsOf, Talk } from "./talk.ts";

let talk: Talk;

beforeAll(async () => {
  talk = await Talk.start();
  await talk.hub.addTinyModel("base");
});
afterAll(() => talk[Symbol.asyncDispose]());

const listModels = (search = "base") => ({ name: "list_models", input: { search } });
const offered = () => talk.agent.requests.at(-1)?.tools.map(({ function: { name } }) => name) ?? [];

describe("a turn with tools", () => {
  it("runs a tool that only looks by itself, and lets the model answer from what it gave", async () => {
    talk.agent.follow({ calls: [listModels()] }, { text: "There is one." });
    const answer = await talk.say("look", "which models are there?");
    expect(callsOf(answer)).toMatchObject([
      {
        type: "tool-list_models",
        state: "output-available",
        output: { total: 1, models: [{ name: "base" }] },
      },
    ]);
    expect(talk.agent.requests.at(-1)?.messages.at(-1)).toMatchObject({
      role: "tool",
      content: expect.stringContaining('"name":"base"'),
    });
    expect(answer.parts.at(-1)).toMatchObject({ type: "text", text: "There is one." });
    expect(answer.parts.filter(({ type }) => type === "step-start")).toHaveLength(2);
  });

  it("runs several calls of one step, also under ids that the model gave before", async () => {
    const call = (search: string) => ({ ...listModels(search), id: "call_0" });
    talk.agent.follow(
      { calls: [listModels("base"), listModels("absent")] },
      { calls: [call("base")] },
      { calls: [call("absent")] },
      { text: "Four looks." },
    );
    const answer = await talk.say("parallel", "look four times");
    expect(callsOf(answer).map(({ output }) => output)).toMatchObject([
      { total: 1 },
      { total: 0 },
      { total: 1 },
      { total: 0 },
    ]);
    expect(new Set(callsOf(answer).map(({ toolCallId }) => toolCallId)).size).toBe(4);
    const { total } = await talk.hub.client.conversations.toolCalls({ sessionId: "parallel" });
    expect(total).toBe(4);
  });

  it.each([
    ["an input that does not fit", { name: "list_models", input: { limit: "many" } }, "limit"],
    ["an unknown field", { name: "list_models", input: { colour: "red" } }, "colour"],
    ["an unknown name", { name: "get_model", input: { model: "bsae" } }, "base"],
    ["a tool that is not there", { name: "drop_tables", input: {} }, "drop_tables"],
  ])("tells the model what failed (%s), and goes on", async (what, call, word) => {
    talk.agent.follow({ calls: [call] }, { text: "I see." });
    const answer = await talk.say(`failing ${what}`, "try it");
    expect(answer).toMatchObject({ status: "complete", error: null });
    expect(callsOf(answer)).toMatchObject([
      { state: "output-error", errorText: expect.stringContaining(word) },
    ]);
    expect(JSON.stringify(talk.agent.requests.at(-1)?.messages.at(-1))).toContain(word);
    expect(answer.parts.at(-1)).toMatchObject({ type: "text", text: "I see." });
  });

  it.each([
    ["version", { model: "base", version: "one" }],
    ["model", { version: 1 }],
    ["colour", { model: "base", version: 1, colour: "red" }],
  ])("asks nobody about a change whose %s does not fit: the model is told", async (word, input) => {
    talk.agent.follow({ calls: [{ name: "promote_model", input }] }, { text: "I see." });
    const answer = await talk.say(`unfit ${word}`, "promote it");
    expect(callsOf(answer)).toMatchObject([
      { state: "output-error", errorText: expect.stringContaining(word) },
    ]);
    expect(answer.parts.at(-1)).toMatchObject({ type: "text", text: "I see." });
  });

  it("ends at the limit of steps, and is gone on with", async () => {
    talk.agent.next = () => ({ calls: [listModels()] });
    const answer = await talk.say("limit", "never stop", { settings: { tools: "all", maxSteps: 3 } });
    expect(callsOf(answer)).toHaveLength(3);
    expect(answer.status).toBe("complete");
    talk.agent.follow({ text: "Enough." });
    const { id, role, parts } = answer;
    const more = await talk.turn({
      sessionId: "limit",
      messages: [{ id, role, parts }],
      ...(await talk.before("limit")),
      settings: { tools: "all" },
    });
    expect(more.id).toBe(id);
    expect(callsOf(more)).toHaveLength(3);
    expect(more.parts.at(-1)).toMatchObject({ type: "text", text: "Enough." });
  });
});

describe("which tools a model is offered", () => {
  const changing = ["start_job", "cancel_job", "evaluate_model", "promote_model", "deploy_model"];

  it("none, those that look, or all", async () => {
    talk.agent.next = () => ({ text: "ok" });
    await talk.say("none", "hello", { settings: { tools: "none" } });
    expect(offered()).toEqual([]);
    await talk.say("read", "hello", { settings: { tools: "read" } });
    expect(offered()).toEqual(expect.arrayContaining(["list_models", "explain_job"]));
    for (const name of changing) expect(offered()).not.toContain(name);
    await talk.say("all", "hello", { settings: { tools: "all" } });
    expect(offered()).toEqual(expect.arrayContaining(changing));
    await talk.say("default", "hello", { settings: {} });
    expect(offered()).toEqual(expect.arrayContaining(changing));
  });

  it("a call of one that was not offered is not run", async () => {
    const { id } = (await talk.hub.client.models.get("base")) ?? {};
    talk.agent.follow(
      { calls: [{ name: "promote_model", input: { model: id, version: 1, alias: "sneaked" } }] },
      { text: "ok" },
    );
    const answer = await talk.say("sneak", "hello", { settings: { tools: "read" } });
    expect(callsOf(answer)).toMatchObject([{ state: "output-error" }]);
    expect((await talk.hub.client.models.get("base")).aliases).not.toHaveProperty("sneaked");
    expect(await talk.hub.client.conversations.toolCalls({ sessionId: "sneak" })).toMatchObject({ total: 0 });
  });

  it("none by default for one of the hub's models whose context is small", async () => {
    const settings = { temperature: 0, maxTokens: 2 };
    const request = { providerId: "hearth", modelId: "base", settings };
    const answer = await talk.say("small", "hi", request);
    // Descriptions of tools would not even fit into this model's context.
    expect(answer).toMatchObject({ status: "complete", metadata: { model: "base" } });
    expect(callsOf(answer)).toEqual([]);
    const withTools = await talk.say("small", "hi", { ...request, settings: { ...settings, tools: "all" } });
    expect(withTools.status).toBe("failed");
  });
});
