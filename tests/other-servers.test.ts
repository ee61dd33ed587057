import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { tmpdir } from "node:os";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hearth } from "./command-line.ts";
import { addRoomyModel } from "./openai/random-models.ts";
import { TestHub } from "./test-hub.ts";

const key = "a-key-that-nobody-may-see";
let upstream: TestHub;
let home: string;
let hub: TestHub;
let openai: OpenAI;
/** A port that nobody listens on. */
let gone: number;

beforeAll(async () => {
  upstream = await TestHub.start({ env: { HEARTH_API_KEY: key } });
  await upstream.addTinyModel();
  await addRoomyModel(upstream);
  gone = await freePort();
  home = await mkdtemp(join(tmpdir(), "hearth-test-"));
  const providers = {
    other: {
      urls: [`${upstream.url}/v1`],
      apiKeyVariable: "OTHER_KEY",
      concurrency: 2,
      extensions: ["top_k"],
    },
    locked: { urls: [`${upstream.url}/v1`] },
  };
  await writeFile(join(home, "config.json"), JSON.stringify({ providers }));
  hub = await TestHub.start({
    home,
    env: { OTHER_KEY: key, LLM_BASE_URL: `http://127.0.0.1:${gone}`, LLM_MODEL: "nobody" },
  });
  await hub.addTinyModel("own", 2);
  openai = new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: "unused", maxRetries: 0 });
});
afterAll(async () => {
  await hub[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

const messages = [{ role: "user" as const, content: "Say something." }];
const parameters = {
  type: "object",
  properties: { city: { type: "string", enum: ["Rome", "Paris"] } },
  required: ["city"],
  additionalProperties: false,
};
const forTools = {
  messages,
  max_tokens: 400,
  seed: 5,
  tools: [{ type: "function", function: { name: "look", parameters } }],
};
const question = { messages, max_tokens: 12, temperature: 0, seed: 3 };

test("another hub's model answers by its name, with the same words and the same counts", async () => {
  const direct = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: key, maxRetries: 0 });
  const there = await direct.chat.completions.create({ model: "tiny", ...question });
  const { data: here, response } = await openai.chat.completions
    .create({ model: "other/tiny", ...question })
    .withResponse();
  expect(here.choices).toEqual(there.choices);
  expect(here.model).toBe("other/tiny");
  expect(here.usage).toMatchObject({ completion_tokens: 12, prompt_tokens: there.usage?.prompt_tokens });
  expect(response.headers.get("x-hearth-version")).toBe("other/tiny");
  const trace = await hub.client.traces.get(response.headers.get("x-hearth-trace") ?? "");
  expect(trace).toMatchObject({
    model: "other/tiny",
    version: null,
    version_id: null,
    artifact_sha256: null,
    status: "ok",
    finish_reason: "length",
    completion_tokens: 12,
    prompt_tokens: there.usage?.prompt_tokens,
  });
});

/** Bodies that only a server which understands all of them answers the same as a hub that is asked itself. */
const bodies: [string, string, object][] = [
  [
    "a call of a tool",
    "/v1/chat/completions",
    { ...forTools, tool_choice: "required", parallel_tool_calls: false },
  ],
  [
    "a call of a tool by name",
    "/v1/chat/completions",
    { ...forTools, tool_choice: { type: "function", function: { name: "look" } } },
  ],
  [
    "JSON by a schema",
    "/v1/chat/completions",
    {
      messages,
      max_tokens: 200,
      seed: 2,
      response_format: { type: "json_schema", json_schema: { name: "x", schema: parameters, strict: true } },
    },
  ],
  ["log probabilities", "/v1/chat/completions", { ...question, logprobs: true, top_logprobs: 2 }],
  ["those of a plain text", "/v1/completions", { prompt: "once", max_tokens: 9, seed: 4, logprobs: 2 }],
  [
    "several answers, a stop string, biases and penalties",
    "/v1/chat/completions",
    {
      ...question,
      n: 2,
      stop: ["e"],
      logit_bias: { 40: 5 },
      frequency_penalty: 1,
      presence_penalty: 0.5,
    },
  ],
  ["vectors", "/v1/embeddings", { input: ["one", "and another"] }],
  ["a response", "/v1/responses", { input: "hello", max_output_tokens: 16, temperature: 0, store: false }],
];

test.each(bodies)("%s: the same as when the other hub is asked itself", async (_, path, body) => {
  const authorization = `Bearer ${key}`;
  const there = await upstream.post(path, { model: "roomy", ...body }, { authorization });
  const here = await hub.post(path, { model: "other/roomy", ...body });
  expect(here.status, await here.clone().text()).toBe(200);
  const [expected, got] = [await there.json(), await here.json()];
  expect(comparable(got)).toEqual(comparable(expected));
});

/** What does not name the answer, its time or its model. Prefixes that are kept differ from request to request. */
function comparable(body: unknown): unknown {
  const named = new Set(["id", "created", "created_at", "completed_at", "model", "system_fingerprint"]);
  const cached = new Set(["prompt_tokens_details", "input_tokens_details", "call_id"]);
  return JSON.parse(
    JSON.stringify(body, (name, value: unknown) => (named.has(name) || cached.has(name) ? undefined : value)),
  );
}

test.each([
  ["keep_alive", { keep_alive: "5m" }],
  ["adapter", { adapter: "own" }],
])("%s is refused by name: it is this hub's own", async (field, more) => {
  const response = await hub.post("/v1/chat/completions", { model: "other/tiny", ...question, ...more });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { param: field } });
});

test("streams, with the usage at the end", async () => {
  const whole = await openai.chat.completions.create({ model: "other/tiny", ...question });
  const stream = await openai.chat.completions.create({
    model: "other/tiny",
    ...question,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = "";
  let usage: unknown = null;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  expect(text).toBe(whole.choices[0]?.message.content);
  expect(usage).toMatchObject({ completion_tokens: 12, prompt_tokens: whole.usage?.prompt_tokens });
});

test("plain texts, too, on /v1/completions and on /inference", async () => {
  const completion = await openai.completions.create({
    model: "other/tiny",
    prompt: "once",
    max_tokens: 4,
    temperature: 0,
  });
  const inference = await hub.post("/inference", {
    model_id: "other/tiny",
    prompt: "once",
    max_tokens: 4,
    temperature: 0,
  });
  expect(inference.status).toBe(200);
  expect(await inference.json()).toMatchObject({
    text: completion.choices[0]?.text,
    tokens: 4,
    model_version: "other/tiny",
  });
});

const served = ["roomy", "roomy:1", "tiny", "tiny:1"].map((name) => `other/${name}`);

test("all names are listed, those of a dead server that the settings tell included", async () => {
  const names: string[] = [];
  for await (const model of openai.models.list()) names.push(model.id);
  expect(names).toEqual(["own", "own:1", ...served, "default/nobody"]);
  expect(await openai.models.retrieve("other/tiny:1")).toMatchObject({
    id: "other/tiny:1",
    owned_by: "other",
  });
});

test("a server that is not there: 503 with its address and what to do", async () => {
  const response = await hub.post("/v1/chat/completions", { model: "default/nobody", messages });
  expect(response.status).toBe(503);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
  const { error } = (await response.json()) as { error: { message: string } };
  expect(error.message).toContain(
    `http://127.0.0.1:${gone}/v1 (provider default) cannot be reached: nothing listens`,
  );
});

test("a key that is missing: the variable's place is named, and no key is shown", async () => {
  const response = await hub.post("/v1/chat/completions", { model: "locked/tiny", messages });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(text).toMatch(/answered 401.*It wants a key.*apiKeyVariable/);
  expect(text).not.toContain(key);
});

test.each([
  ["othr/tiny", /no provider \\"othr\\".*The closest: other/],
  ["default/nobdy", /provider default has no model \\"nobdy\\".*The closest: default\/nobody/],
  ["other/none", /There is no model \\"none\\"/],
])("%s: 404 with the closest names", async (model, message) => {
  const response = await hub.post("/v1/chat/completions", { model, messages });
  expect(response.status).toBe(404);
  const text = await response.text();
  expect(text).toMatch(message);
  expect(JSON.parse(text)).toMatchObject({ error: { code: "model_not_found", param: "model" } });
});

test("what the provider has no field for is refused by name; what it has goes there", async () => {
  const ask = (more: object) =>
    hub.post("/v1/chat/completions", { model: "other/tiny", ...question, ...more });
  expect((await ask({ top_k: 1 })).status).toBe(200);
  const refused = await ask({ min_p: 0.5 });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { param: "min_p", message: /extensions/ } });
});

test("the status and the metrics show each server", async () => {
  const { providers } = await hub.client.status();
  expect(providers.map(({ name }) => name)).toEqual(["other", "locked", "default"]);
  const other = providers[0];
  expect(other).toMatchObject({ waiting: 0, models: ["roomy", "roomy:1", "tiny", "tiny:1"] });
  expect(other?.servers[0]).toMatchObject({
    url: `${upstream.url}/v1`,
    state: "closed",
    active: 0,
    error: null,
  });
  expect(other?.servers[0]?.requests.ok).toBeGreaterThan(2);
  expect(providers[2]?.servers[0]).toMatchObject({ error: expect.stringContaining("nothing listens") });
  const metrics = await (await hub.fetch("/metrics")).text();
  const server = `provider="other",server="${upstream.url}/v1"`;
  expect(metrics).toMatch(new RegExp(`hearth_provider_requests_total\\{${server},outcome="ok"\\} [1-9]`));
  expect(metrics).toContain(`hearth_provider_breaker{${server},state="closed"} 1`);
  expect(metrics).toContain('hearth_inference_requests_total{model="other/tiny"');
  // A name that anybody makes up gets no row of its own.
  expect(metrics).toContain('model="other/(not listed)"');
  expect(metrics).not.toContain("other/none");
  expect(metrics + JSON.stringify(providers)).not.toContain(key);
});

test("the command line asks and lists them", async () => {
  const env = { HEARTH_URL: hub.url, HEARTH_HOME: hub.home };
  const asked = await hearth(["run", "other/tiny", "hello", "--max-tokens", "3", "--json"], { env });
  expect(asked.code, asked.stderr).toBe(0);
  expect(asked.json).toMatchObject({ text: expect.any(String) });
  const listed = await hearth(["models"], { env });
  expect(listed.stdout).toContain("other/tiny");
  expect(listed.stdout).toContain("default/nobody");
});

test("a refusal of the other server comes back with the field that it names", async () => {
  const response = await hub.post("/v1/completions", {
    model: "other/tiny",
    prompt: [1, 99_999],
    max_tokens: 4,
  });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain("99999");
});
