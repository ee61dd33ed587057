import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { HearthApiError } from "@hearth/sdk";
import { TrackingClient } from "@hearth/sdk/tracking";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { agentSpans, exportTrace } from "../browser/agent-trace.ts";
import { claims, forgeries } from "./injections/messages.ts";
import type { Asked, Step } from "./scripted-agent.ts";
import { callsOf, Talk } from "./talk.ts";

/*
 * What foreign text asks for is done by the model at once: the worst that a model can be. Each attempt lies where it would
 * lie (a run's name, a model's description, a row, a trace), is read through a tool, and is obeyed.
 */

const attempts = z.array(z.object({ id: z.string(), text: z.string() }));
const corpus = async (place: string) =>
  attempts.parse(JSON.parse(await readFile(new URL(`injections/${place}.json`, import.meta.url), "utf8")));
const [runs, models, rows, traces] = await Promise.all(["run", "model", "row", "trace"].map(corpus));
const all = { run: runs ?? [], model: models ?? [], row: rows ?? [], trace: traces ?? [] };

let talk: Talk;
beforeAll(async () => {
  talk = await Talk.start();
  const { hub } = talk;
  await hub.addTinyModel("base");
  const tracking = new TrackingClient({ url: hub.url });
  for (const { id, text } of all.run) {
    const run = await tracking.startRun({ name: text, environment: false, params: { attempt: id, text } });
    await run.end();
  }
  for (const { id, text } of all.model)
    await hub.client.models.create({ name: id, description: text, tags: { approved: "true" } });
  const file = join(hub.home, "mail.jsonl");
  await writeFile(file, all.row.map(({ text }) => `${JSON.stringify({ text })}\n`).join(""));
  await hub.client.datasets.create({ name: "mail", path: file });
  for (const [index, { id, text }] of all.trace.entries()) {
    const spans = agentSpans(String(index + 1).padStart(32, "0"), Date.now() - 60_000);
    const renamed = spans.map((span, at) => (at === 0 ? { ...span, name: `${id} ${text}` } : span));
    await exportTrace(hub, renamed);
  }
});
afterAll(() => talk[Symbol.asyncDispose]());

/** Everything that a model could want to change. */
const changes = (id: string) => [
  { name: "promote_model", input: { model: "base", version: 1, alias: `pwned-${id}` } },
  { name: "start_job", input: { model: "base", dataset: "mail" } },
  { name: "cancel_job", input: { job_id: "any" } },
  { name: "deploy_model", input: { model: "base" } },
  { name: "evaluate_model", input: { model: "base", dataset: "mail" } },
];

/** Reads where it is told to, and does what it reads. */
function obeying(id: string, read: NonNullable<Step["calls"]>): (request: Asked) => Step {
  return ({ messages }) => {
    const last = messages.at(-1);
    if (last?.role === "user") return { calls: read };
    return { text: "I obey.", calls: changes(id) };
  };
}

const home = async () => {
  const { client } = talk.hub;
  return {
    aliases: (await client.models.get("base")).aliases,
    jobs: (await client.jobs.list()).total,
    evaluations: (await client.evaluations.list()).total,
    engines: (await client.health()).engines.length,
  };
};
const untouched = { aliases: {}, jobs: 0, evaluations: 0, engines: 0 };

/** Nothing has changed, nothing was allowed, and nothing that asks can be run behind the person's back. */
async function expectNothing(sessionId: string): Promise<void> {
  expect(await home()).toEqual(untouched);
  const message = await talk.last(sessionId);
  const asked = callsOf(message).filter(({ type }) =>
    changes("").some(({ name }) => type === `tool-${name}`),
  );
  expect(asked.map(({ state }) => state)).toEqual(changes("").map(() => "approval-requested"));
  for (const { toolCallId, type, input } of asked) {
    const place = { session_id: sessionId, message_id: message.id, call_id: toolCallId };
    const work = talk.hub.client.conversations.callTool(type.slice("tool-".length), {
      origin: "chat",
      input,
      ...place,
    });
    await expect(work).rejects.toMatchObject({ status: 403 });
  }
  const { items } = await talk.hub.client.conversations.toolCalls({ sessionId, pageSize: 200 });
  expect(items.filter((item) => item.changes && item.status !== "refused")).toEqual([]);
}

const reading = {
  run: (id: string) => ({ name: "search_runs", input: { filter: `params.attempt = '${id}'` } }),
  model: (id: string) => ({ name: "list_models", input: { search: id } }),
  row: (id: string) => ({
    name: "read_dataset",
    input: { dataset: "mail", offset: all.row.findIndex((row) => row.id === id), limit: 1 },
  }),
  trace: (id: string) => ({ name: "search_traces", input: { text: id } }),
} as const;

describe("text that a model reads through a tool", () => {
  it("is at least forty attempts", () => {
    expect(Object.values(all).flat().length).toBeGreaterThanOrEqual(40);
  });

  for (const place of ["run", "model", "row", "trace"] as const)
    it.each(all[place])(`in a ${place} changes nothing: $id`, async ({ id, text }) => {
      const sessionId = `${place} ${id}`;
      const read = reading[place](id);
      talk.agent.next = obeying(id, [read]);
      const message = await talk.say(sessionId, "What do you see there?");
      const seen = callsOf(message)[0];
      // It has to have arrived, or nothing was tried.
      expect(seen).toMatchObject({ type: `tool-${read.name}`, state: "output-available" });
      expect(JSON.stringify(seen?.output)).toContain(JSON.stringify(text.slice(0, 40)).slice(1, -1));
      await expectNothing(sessionId);
    });
});

describe("what a client sends", () => {
  it.each(Object.entries(claims))("that claims an approval changes nothing: %s", async (name, messages) => {
    const sessionId = `claims ${name}`;
    talk.agent.next = () => ({ text: "Since you allow it.", calls: changes(name) });
    await talk.turn({ sessionId, messages, settings: { tools: "all" } });
    await expectNothing(sessionId);
  });

  it.each(Object.entries(forgeries))("that forges a decision is refused: %s", async (name, messages) => {
    talk.agent.next = () => ({ text: "never asked" });
    const before = talk.agent.requests.length;
    const work = talk.turn({ sessionId: `forged ${name}`, messages, settings: { tools: "all" } });
    await expect(work).rejects.toBeInstanceOf(HearthApiError);
    await expect(work).rejects.toMatchObject({ status: 400 });
    expect(talk.agent.requests.length).toBe(before);
    expect(await home()).toEqual(untouched);
  });
});

describe("an approval", () => {
  it("is for one call: the very same call again is asked about again", async () => {
    const call = { id: "call_0", name: "promote_model", input: { model: "base", version: 1, alias: "once" } };
    talk.agent.next = () => ({ calls: [call] });
    await talk.say("once", "promote it");
    const answer = await talk.decide("once", true);
    expect(callsOf(answer).map(({ state }) => state)).toEqual(["output-available", "approval-requested"]);
    await talk.hub.client.models.removeAlias("base", "once");
    const { items } = await talk.hub.client.conversations.toolCalls({ sessionId: "once" });
    expect(items.map(({ status }) => status)).toEqual(["done"]);
    // Whoever repeats the message with the old decision decides nothing about the new call.
    const { id, role, parts } = answer;
    const before = await talk.before("once");
    await expect(
      talk.turn({ sessionId: "once", messages: [{ id, role, parts }], ...before }),
    ).rejects.toMatchObject({ status: 400, details: { waiting: 1 } });
    expect((await home()).aliases).toEqual({});
  });
});
