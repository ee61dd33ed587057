import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { GenerateEvent, GenerateRequest } from "../engine.ts";
import { OpenAIEngine } from "../engines/openai/engine.ts";
import {
  eventText,
  json,
  ScriptedServer,
  stream,
  type Script,
} from "../engines/openai/tests/scripted-server.ts";
import { RequestCancelled } from "../errors.ts";
import { greedy } from "../verify-export.ts";
import { Provider, type ProviderOptions } from "./provider.ts";

const never = new AbortController().signal;
let stack: AsyncDisposableStack;
let now: number;
beforeEach(() => {
  stack = new AsyncDisposableStack();
  now = 1_000;
});
afterEach(() => stack.disposeAsync());

const asked: GenerateRequest = {
  id: "r",
  prompt: { kind: "chat", messages: [{ role: "user", content: "hello" }] },
  adapter: null,
  maxTokens: 16,
  stop: [],
  sampling: greedy,
};

const says = (text: string): Script =>
  stream({ choices: [{ index: 0, delta: { content: text }, finish_reason: "stop" }] }, "data: [DONE]\n\n");
const fails = json(500, { error: { message: "broken" } });

/** Answers the health check, too. */
const listing =
  (models: string[], otherwise: Script): Script =>
  (response, request) =>
    request.path === "/v1/models"
      ? json(200, { object: "list", data: models.map((id) => ({ id, object: "model" })) })(response, request)
      : otherwise(response, request);

async function servers(...scripts: Script[]): Promise<ScriptedServer[]> {
  return Promise.all(scripts.map(async (script) => stack.use(await ScriptedServer.start(script))));
}

function provide(all: readonly ScriptedServer[], change: Partial<ProviderOptions> = {}): Provider {
  return stack.use(
    new Provider({
      name: "several",
      urls: all.map(({ url }) => url),
      apiKey: null,
      apiKeyVariable: null,
      concurrency: 1,
      timeoutMs: 5_000,
      models: ["m"],
      extensions: [],
      now: () => now,
      ...change,
    }),
  );
}

const engine = (provider: Provider): OpenAIEngine => new OpenAIEngine(provider).use("m");

async function ask(provider: Provider, client = "", signal = never): Promise<string> {
  let text = "";
  for await (const event of engine(provider).generate(asked, signal, client))
    if (event.type === "tokens") text += event.text;
  return text;
}

/** A server that begins an answer and ends it when it is told to. */
function held(): { script: Script; begun: Promise<void>[]; end: (text: string) => void } {
  const waiting: ((text: string) => void)[] = [];
  const begun: PromiseWithResolvers<void>[] = [];
  const at = (place: number): PromiseWithResolvers<void> => (begun[place] ??= Promise.withResolvers());
  let count = 0;
  return {
    script: async (response, request) => {
      at(count).resolve();
      count += 1;
      const { promise, resolve } = Promise.withResolvers<string>();
      waiting.push(resolve);
      await says(await promise)(response, request);
    },
    begun: [0, 1, 2, 3].map((place) => at(place).promise),
    end: (text) => waiting.shift()?.(text),
  };
}

test("the least busy server answers, and each gets no more than its share", async () => {
  const [one, two] = [held(), held()];
  const provider = provide(await servers(one.script, two.script), { concurrency: 2 });
  const answers = [1, 2, 3, 4, 5].map(() => ask(provider));
  await Promise.all([one.begun[0], one.begun[1], two.begun[0], two.begun[1]]);
  expect(provider.status()).toMatchObject({ waiting: 1, servers: [{ active: 2 }, { active: 2 }] });
  two.end("two");
  await two.begun[2];
  for (const server of [one, two, one, two]) server.end("x");
  expect((await Promise.all(answers)).toSorted()).toEqual(["two", "x", "x", "x", "x"]);
  expect(provider.status()).toMatchObject({ waiting: 0, servers: [{ active: 0 }, { active: 0 }] });
});

test("who waits is served in turn by client", async () => {
  const server = held();
  const provider = provide(await servers(server.script));
  const order: string[] = [];
  const answers = ["a", "a", "a", "b"].map((client) => ask(provider, client).then(() => order.push(client)));
  for (let place = 0; place < 4; place++) {
    await server.begun[place];
    server.end("x");
  }
  await Promise.all(answers);
  // The second of `a` waited first, then it is the turn of `b`.
  expect(order).toEqual(["a", "a", "b", "a"]);
});

test("too many that wait: refused with a time to come again; who gives up leaves the queue", async () => {
  const server = held();
  const provider = provide(await servers(server.script), { maxWaiting: 1 });
  const first = ask(provider);
  await server.begun[0];
  const control = new AbortController();
  const second = ask(provider, "", control.signal);
  await expect(ask(provider)).rejects.toMatchObject({
    code: "unavailable",
    details: { waiting: 1, limit: 1, retry_after_seconds: 1 },
  });
  control.abort(new Error("gone"));
  await expect(second).rejects.toBeInstanceOf(RequestCancelled);
  expect(provider.status().waiting).toBe(0);
  server.end("x");
  expect(await first).toBe("x");
});

test("a request that is given up makes place for the next one at once", async () => {
  const server = held();
  const [scripted] = await servers(server.script);
  if (scripted === undefined) throw new Error("no server");
  const provider = provide([scripted]);
  const control = new AbortController();
  const first = ask(provider, "", control.signal);
  await server.begun[0];
  const second = ask(provider);
  const { promise: abandoned } = scripted.abandoned;
  control.abort(new Error("gone"));
  await expect(first).rejects.toBeInstanceOf(RequestCancelled);
  await Promise.all([abandoned, server.begun[1]]);
  server.end("to nobody");
  server.end("x");
  expect(await second).toBe("x");
});

test("what fails before the first token goes on to the next server, and nobody sees it", async () => {
  const [broken, works] = await servers(fails, says("from the second"));
  if (broken === undefined || works === undefined) throw new Error("no servers");
  const provider = provide([broken, works]);
  for (let round = 0; round < 2; round++) expect(await ask(provider)).toBe("from the second");
  expect(provider.status()).toMatchObject({
    failovers: 1,
    servers: [{ counts: { failed: 1 } }, { counts: { ok: 2 } }],
  });
});

test("after the first token nothing is asked again", async () => {
  const breaks: Script = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(eventText({ choices: [{ delta: { content: "a" } }] }), () => response.destroy());
  };
  const [one, two] = await servers(breaks, says("x"));
  if (one === undefined || two === undefined) throw new Error("no servers");
  const provider = provide([one, two]);
  await expect(ask(provider)).rejects.toMatchObject({ code: "generation_failed" });
  expect(two.received).toEqual([]);
});

test.each([
  [json(400, { error: { message: "no" } }), "invalid_request"],
  [json(413, { error: { message: "no" } }), "too_large"],
])("a request that is at fault is sent to one server only: %#", async (script, code) => {
  const [one, two] = await servers(script, says("x"));
  if (one === undefined || two === undefined) throw new Error("no servers");
  const provider = provide([one, two]);
  await expect(ask(provider)).rejects.toMatchObject({ code });
  expect(two.received).toEqual([]);
  expect(provider.status().servers[0]?.breaker.state).toBe("closed");
});

test("a server with too much to do is left alone for as long as it says", async () => {
  const busy = json(429, { error: { message: "slow down" } }, { "retry-after": "20" });
  const [one, two] = await servers(busy, says("two"));
  if (one === undefined || two === undefined) throw new Error("no servers");
  const provider = provide([one, two]);
  for (let round = 0; round < 3; round++) expect(await ask(provider)).toBe("two");
  expect(one.received).toHaveLength(1);
  one.script = says("one");
  now += 20_001;
  expect(await ask(provider)).toBe("one");
});

test("a server that does not work is kept out, found again by its sign of life, and tried once", async () => {
  const timers = vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  stack.defer(() => void vi.useRealTimers());
  const [server] = await servers(fails);
  if (server === undefined) throw new Error("no server");
  const provider = provide([server]);
  for (let round = 0; round < 3; round++) await expect(ask(provider)).rejects.toThrow("broken");
  const [state] = provider.status().servers;
  expect(state?.breaker.state).toBe("open");
  const before = server.received.length;
  await expect(ask(provider)).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("broken"),
    details: { urls: [server.url], retry_after_seconds: 1 },
  });
  expect(server.received).toHaveLength(before);
  server.script = listing(["m"], says("again"));
  now += 1_000;
  timers.advanceTimersByTime(1_000);
  await vi.waitUntil(() => state?.breaker.state === "half-open", { timeout: 60_000 });
  expect(await ask(provider)).toBe("again");
  expect(state?.breaker.state).toBe("closed");
});

test("who waits for a server that stops working is told", async () => {
  const server = held();
  const [scripted] = await servers(server.script);
  if (scripted === undefined) throw new Error("no server");
  const provider = provide([scripted]);
  const first = ask(provider);
  await server.begun[0];
  const waiting = [1, 2, 3].map(() => ask(provider).catch((error: unknown) => error));
  scripted.script = fails;
  server.end("x");
  expect(await first).toBe("x");
  const ends = await Promise.all(waiting);
  expect(ends).toMatchObject([
    { code: "generation_failed" },
    { code: "generation_failed" },
    { code: "generation_failed" },
  ]);
  await expect(ask(provider)).rejects.toMatchObject({ code: "unavailable" });
});

test("the list: kept when the servers are gone, together from all of them, asked for once a minute", async () => {
  const [one, two] = await servers(
    listing(["b", "a b", "\u0000", "x".repeat(500)], fails),
    listing(["a", "b"], fails),
  );
  if (one === undefined || two === undefined) throw new Error("no servers");
  const provider = provide([one, two], { models: null });
  expect(await provider.models()).toEqual(["a", "b"]);
  expect(await provider.models()).toEqual(["a", "b"]);
  expect(one.received).toHaveLength(1);
  one.script = two.script = json(500, {});
  now += 60_001;
  expect(await provider.models()).toEqual(["a", "b"]);
  await vi.waitUntil(() => provider.status().servers.every(({ error }) => error !== null), {
    timeout: 60_000,
  });
  expect(await provider.models()).toEqual(["a", "b"]);
});

test("a server that never answers makes nobody wait for its list", async () => {
  const [silent] = await servers(() => {});
  if (silent === undefined) throw new Error("no server");
  const provider = provide([silent], { models: null });
  const began = performance.now();
  expect(await provider.models()).toEqual([]);
  expect(performance.now() - began).toBeLessThan(20_000);
});

test("a server without a list of models works all the same", async () => {
  const [server] = await servers((response, request) =>
    request.path === "/v1/models" ? void response.writeHead(404).end() : says("x")(response, request),
  );
  if (server === undefined) throw new Error("no server");
  const provider = provide([server], { models: null });
  const loaded = new OpenAIEngine(provider);
  await loaded.load(
    { basePath: "m", baseSha256: "", bytes: 0, shape: null },
    { threads: 1, slots: 1 },
    never,
  );
  const events: GenerateEvent[] = [];
  for await (const event of loaded.generate(asked, never)) events.push(event);
  expect(events.at(-1)).toMatchObject({ type: "done" });
});

test("no server at all: loading fails with why", async () => {
  const [server] = await servers(fails);
  if (server === undefined) throw new Error("no server");
  const loading = new OpenAIEngine(provide([server], { models: null })).load(
    { basePath: "m", baseSha256: "", bytes: 0, shape: null },
    { threads: 1, slots: 1 },
    never,
  );
  await expect(loading).rejects.toMatchObject({
    code: "model_load_failed",
    message: expect.stringContaining("broken"),
  });
});

test("embeddings come in the order of their inputs", async () => {
  const vectors = (data: object[]): Script =>
    json(200, { object: "list", data, usage: { prompt_tokens: 5 } });
  const [server] = await servers(
    vectors([
      { index: 1, embedding: [3, 4] },
      { index: 0, embedding: [1, 2] },
    ]),
  );
  if (server === undefined) throw new Error("no server");
  const provider = provide([server]);
  const inputs = ["a", "b"].map((text) => ({ kind: "text" as const, text }));
  const embeddings = await engine(provider).embed({ inputs, adapter: null }, never);
  expect(embeddings.map(({ values }) => [...values])).toEqual([
    [1, 2],
    [3, 4],
  ]);
  expect(server.received[0]).toMatchObject({
    path: "/v1/embeddings",
    body: { model: "m", input: ["a", "b"] },
  });
  server.script = vectors([{ index: 0, embedding: [1] }]);
  await expect(engine(provider).embed({ inputs, adapter: null }, never)).rejects.toMatchObject({
    code: "generation_failed",
  });
});
