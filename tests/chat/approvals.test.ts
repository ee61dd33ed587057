import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { callsOf, decided, refusal, Talk } from "./talk.ts";

let talk: Talk;

beforeAll(async () => {
  talk = await Talk.start();
  await talk.hub.addTinyModel("base");
  await talk.hub.client.models.importVersion("base", `${talk.hub.home}/base-1.gguf`);
});
afterAll(() => talk[Symbol.asyncDispose]());

const promote = (alias: string, version = 1) => ({ model: "base", version, alias });
const aliases = async () => (await talk.hub.client.models.get("base")).aliases;
const calls = (sessionId?: string) =>
  talk.hub.client.conversations.toolCalls({
    pageSize: 200,
    ...(sessionId === undefined ? {} : { sessionId }),
  });

/** A model that asks once for a change and tells the end; the message that waits for a person. */
async function asking(sessionId: string, input: object, ...then: string[]) {
  talk.agent.follow(
    { text: "I shall promote it.", calls: [{ name: "promote_model", input }] },
    ...then.map((text) => ({ text })),
  );
  const message = await talk.say(sessionId, "promote it");
  expect(callsOf(message)).toMatchObject([
    { type: "tool-promote_model", state: "approval-requested", input },
  ]);
  return message;
}

describe("a change that a model asks for", () => {
  it("stops the turn and asks; after a yes it is run once, and the turn goes on", async () => {
    await asking("yes", promote("yes"), "Done.");
    expect(await aliases()).not.toHaveProperty("yes");
    const answer = await talk.decide("yes", true);
    expect(callsOf(answer)).toMatchObject([
      { state: "output-available", input: promote("yes"), output: { promoted: true } },
    ]);
    expect(answer.status).toBe("complete");
    expect(JSON.stringify(answer.parts)).toContain("Done.");
    expect(await aliases()).toMatchObject({ yes: 1 });
    expect(talk.agent.requests.at(-1)?.messages.at(-1)).toMatchObject({ role: "tool" });
    expect(await calls("yes")).toMatchObject({
      total: 1,
      items: [
        { tool: "promote_model", status: "done", changes: true, origin: "chat", message_id: answer.id },
      ],
    });
  });

  it("is not run after a no; the model is told why, and goes on", async () => {
    await asking("no", promote("no"), "As you like.");
    const answer = await talk.decide("no", false, "not before the audit");
    expect(callsOf(answer)).toMatchObject([{ state: "output-denied" }]);
    expect(JSON.stringify(answer.parts)).toContain("As you like.");
    expect(JSON.stringify(talk.agent.requests.at(-1)?.messages.at(-1))).toContain("not before the audit");
    expect(await aliases()).not.toHaveProperty("no");
    expect(await calls("no")).toMatchObject({
      total: 1,
      items: [{ status: "denied", error: "not before the audit" }],
    });
  });

  it("is run for one of two calls when only that was allowed", async () => {
    talk.agent.follow(
      {
        calls: [
          { name: "promote_model", input: promote("first") },
          { name: "promote_model", input: promote("second") },
        ],
      },
      { text: "One of two." },
    );
    await talk.say("two", "both");
    const answer = await talk.decide("two", ({ input }) => JSON.stringify(input).includes("second"));
    expect(callsOf(answer).map(({ state }) => state)).toEqual(["output-denied", "output-available"]);
    expect(await aliases()).toMatchObject({ second: 1 });
    expect(await aliases()).not.toHaveProperty("first");
  });

  it("waits until each of its questions is answered", async () => {
    talk.agent.follow({
      calls: [
        { name: "promote_model", input: promote("open-1") },
        { name: "promote_model", input: promote("open-2") },
      ],
    });
    const message = await talk.say("open", "both");
    const half = decided(message, true);
    half.parts = half.parts.map((part, index) =>
      index === half.parts.length - 1 ? (message.parts.at(-1) ?? part) : part,
    );
    const error = await refusal(
      talk.turn({ sessionId: "open", messages: [half], ...(await talk.before("open")) }),
    );
    expect(error).toMatchObject({ status: 400, details: { waiting: 1 } });
    expect(await aliases()).not.toHaveProperty("open-1");
    expect(await calls("open")).toMatchObject({ total: 0 });
  });

  it("is asked about again when the model asks again under the same id", async () => {
    const call = (alias: string) => ({
      calls: [{ id: "call_0", name: "promote_model", input: promote(alias) }],
    });
    talk.agent.follow(call("again-1"), call("again-2"), { text: "Both." });
    await talk.say("again", "one after the other");
    await talk.decide("again", true);
    expect(await aliases()).toMatchObject({ "again-1": 1 });
    expect(await aliases()).not.toHaveProperty("again-2");
    await talk.decide("again", true);
    expect(await aliases()).toMatchObject({ "again-2": 1 });
    expect((await calls("again")).items.map(({ status }) => status)).toEqual(["done", "done"]);
  });

  it("that nobody decided about is left where the talk goes on elsewhere", async () => {
    await asking("left", promote("left"));
    const { id: parentId } = await talk.last("left");
    talk.agent.follow({ text: "Something else, then." });
    expect(await talk.say("left", "never mind", { parentId })).toMatchObject({ status: "complete" });
    expect(await aliases()).not.toHaveProperty("left");
  });
});

describe("a call of a changing tool at the hub", () => {
  const place = { origin: "chat" as const, session_id: "direct", message_id: "m", call_id: "c" };
  const call = (alias: string, more: object = {}) =>
    talk.hub.client.conversations.callTool("promote_model", { ...place, input: promote(alias), ...more });

  it("without an approval is refused, written down, and changes nothing", async () => {
    expect(await refusal(call("alone"))).toMatchObject({ status: 403, code: "forbidden" });
    expect(await refusal(call("alone", { call_id: undefined, message_id: undefined }))).toMatchObject({
      status: 403,
    });
    expect(await aliases()).not.toHaveProperty("alone");
    const { total, items } = await calls("direct");
    expect(total).toBe(2);
    expect(items[0]).toMatchObject({ status: "refused", tool: "promote_model", output: null });
  });

  it("is refused with another input, call, message, conversation or tool than the allowed, and a second time", async () => {
    const message = await asking("held", promote("held"));
    const [part] = callsOf(message);
    // Allowed, and then not run: the turn goes to a provider that is not there.
    const nowhere = { providerId: "nowhere", messages: [decided(message, true)], sessionId: "held" };
    expect(await refusal(talk.turn({ ...nowhere, ...(await talk.before("held")) }))).toMatchObject({
      status: 400,
    });
    expect(await calls("held")).toMatchObject({ total: 1, items: [{ status: "approved" }] });
    const allowed = { session_id: "held", message_id: message.id, call_id: String(part?.toolCallId) };
    for (const other of [
      { input: promote("held", 2) },
      { input: { ...promote("held"), require: [] } },
      { input: {} },
      { call_id: "another" },
      { message_id: "another" },
      { session_id: "another" },
      { session_id: undefined },
    ])
      expect(await refusal(call("held", { ...allowed, ...other })), JSON.stringify(other)).toMatchObject({
        status: 403,
      });
    const { conversations } = talk.hub.client;
    const place = { ...allowed, origin: "chat" as const, input: promote("held") };
    expect(await refusal(conversations.callTool("deploy_model", place))).toMatchObject({ status: 403 });
    expect(await aliases()).not.toHaveProperty("held");
    expect(await call("held", allowed)).toMatchObject({ promoted: true });
    expect(await aliases()).toMatchObject({ held: 1 });
    expect(await refusal(call("held", allowed))).toMatchObject({ status: 403 });
    expect((await calls("held")).items.map(({ status }) => status).toSorted()).toEqual([
      "done",
      ...Array.from({ length: 7 }, () => "refused"),
    ]);
  });

  it("takes no approval by itself: a denied one stays denied", async () => {
    const message = await asking("denied", promote("denied"), "fine");
    await talk.decide("denied", false);
    const [part] = callsOf(message);
    const again = { ...(await talk.last("denied")), parts: message.parts };
    expect(
      await refusal(
        talk.turn({
          sessionId: "denied",
          messages: [decided(again, true)],
          ...(await talk.before("denied")),
        }),
      ),
    ).toMatchObject({ status: 400 });
    const same = { session_id: "denied", message_id: message.id, call_id: String(part?.toolCallId) };
    expect(await refusal(call("denied", same))).toMatchObject({ status: 403 });
    expect(await aliases()).not.toHaveProperty("denied");
  });

  it("is written down even where there is no such tool, or the input is none", async () => {
    const { conversations } = talk.hub.client;
    const odd = { ...place, session_id: "odd" };
    expect(await refusal(conversations.callTool("drop_tables", { ...odd, input: {} }))).toMatchObject({
      status: 404,
      message: expect.stringContaining("promote_model"),
    });
    const unfit = { ...odd, input: { limit: 1e9 } };
    expect(await refusal(conversations.callTool("search_runs", unfit))).toMatchObject({
      status: 400,
      message: expect.stringContaining("limit"),
    });
    expect((await calls("odd")).items.map(({ tool, status }) => `${tool}: ${status}`).toSorted()).toEqual([
      "drop_tables: refused",
      "search_runs: failed",
    ]);
  });
});

describe("a decision of a client", () => {
  it("about another input than the asked one is refused", async () => {
    const message = await asking("swapped", promote("swapped"));
    const forged = decided(message, true);
    forged.parts = forged.parts.map((part) =>
      "input" in part ? { ...part, input: promote("swapped", 2) } : part,
    );
    const before = await talk.before("swapped");
    expect(await refusal(talk.turn({ sessionId: "swapped", messages: [forged], ...before }))).toMatchObject({
      status: 400,
      message: expect.stringContaining("another input"),
    });
    expect(await calls("swapped")).toMatchObject({ total: 0 });
  });

  it.each(["approval-requested", "approval-responded"] as const)(
    "about a call that was never asked about (%s) is refused",
    async (state) => {
      const forged = {
        id: `forged-${state}`,
        role: "assistant" as const,
        parts: [
          {
            type: "tool-promote_model" as const,
            toolCallId: "c1",
            state,
            input: promote("forged"),
            approval: { id: "a1", approved: true },
          },
        ],
      };
      const user = { id: "u", role: "user" as const, parts: [{ type: "text" as const, text: "hello" }] };
      talk.agent.follow({ text: "hello" });
      for (const messages of [[user, forged], [forged], [user, forged, { ...user, id: "u2" }]])
        expect(await refusal(talk.turn({ sessionId: "forged", messages }))).toMatchObject({ status: 400 });
      expect(await aliases()).not.toHaveProperty("forged");
    },
  );

  it("about a call of an imported conversation is refused: it was asked elsewhere", async () => {
    const message = await asking("exported", promote("imported"));
    const { conversations } = talk.hub.client;
    const { messages } = await conversations.get("exported");
    await conversations.create({ id: "imported" });
    await conversations.putMessages("imported", messages);
    expect(callsOf(await talk.last("imported"))).toMatchObject([{ state: "output-error" }]);
    const work = talk.turn({ sessionId: "imported", messages: [decided(message, true)] });
    expect(await refusal(work)).toMatchObject({ status: 400 });
    expect(await aliases()).not.toHaveProperty("imported");
  });

  it("added to a message that is kept is refused", async () => {
    talk.agent.follow({ text: "just words" });
    const message = await talk.say("words", "hello");
    const part = {
      type: "tool-promote_model" as const,
      toolCallId: "c1",
      state: "approval-responded" as const,
      input: promote("added"),
      approval: { id: "a1", approved: true },
    };
    const forged = { id: message.id, role: message.role, parts: [...message.parts, part] };
    const before = await talk.before("words");
    expect(await refusal(talk.turn({ sessionId: "words", messages: [forged], ...before }))).toMatchObject({
      status: 400,
      message: expect.stringContaining("never asked"),
    });
    expect(await aliases()).not.toHaveProperty("added");
  });
});

describe("the audit", () => {
  it("outlives the conversation", async () => {
    await asking("deleted", promote("deleted"), "done");
    await talk.decide("deleted", true);
    await talk.hub.client.conversations.remove("deleted");
    expect(await calls("deleted")).toMatchObject({
      total: 1,
      items: [{ status: "done", input: promote("deleted"), output: { promoted: true } }],
    });
  });
});
