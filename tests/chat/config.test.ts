import { mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { turnHeaders } from "@hearth/wire/chat/turn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestHub } from "../test-hub.ts";
import { ScriptedProvider } from "./scripted-provider.ts";
import { ask, prompt } from "./turns.ts";

describe("chat.config.json of a running hub", () => {
  let hub: TestHub;
  let one: ScriptedProvider;
  let two: ScriptedProvider;
  let path: string;
  beforeEach(async () => {
    [hub, one, two] = await Promise.all([
      TestHub.start(),
      ScriptedProvider.start(),
      ScriptedProvider.start(),
    ]);
    path = join(hub.home, "chat.config.json");
  });
  afterEach(async () => {
    await hub[Symbol.asyncDispose]();
    await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
  });
  const provider = (id: string, { url }: ScriptedProvider, ...models: string[]) => ({
    id,
    baseURL: url,
    models: models.map((model) => ({ id: model })),
  });
  const write = (file: object) => writeFile(path, JSON.stringify(file));
  const answering = async (rest = {}) => {
    const { status, headers, body } = await ask(hub, { messages: [prompt("x")], ...rest });
    return status === 200
      ? [headers.get(turnHeaders.provider), headers.get(turnHeaders.model)]
      : JSON.parse(body).error.message;
  };

  it("puts a provider and the defaults in force for the very next turn, without another sidecar", async () => {
    await write({ providers: [provider("one", one, "a", "b")], settings: { defaultProviderId: "one" } });
    expect(await answering()).toEqual(["one", "a"]);
    const { sidecars } = (await hub.client.conversations.config()).service;
    await write({
      providers: [provider("one", one, "a", "b"), provider("two", two, "c", "d")],
      settings: { defaultProviderId: "two", defaultModelId: "d" },
    });
    expect(await answering()).toEqual(["two", "d"]);
    expect(await answering({ providerId: "two" })).toEqual(["two", "d"]);
    expect(await answering({ providerId: "one", modelId: "b" })).toEqual(["one", "b"]);
    await rm(path);
    expect(await answering({ providerId: "two" })).toBe('Invalid provider: two. Known: "hearth".');
    expect((await hub.client.conversations.config()).service.sidecars[0]?.pid).toBe(sidecars[0]?.pid);
    expect([one.requests.length, two.requests.length]).toEqual([2, 2]);
  });

  it("leaves a turn that runs what it began with, and gives the next one the new limit of steps", async () => {
    const look = { call: { name: "list_models", input: {} } };
    const configured = async (maxSteps: number) =>
      await write({
        providers: [provider("one", one, "a")],
        settings: { defaultProviderId: "one", maxSteps },
      });
    await configured(3);
    one.steps.push(look, look, look, look);
    // The file changes while the first step runs.
    const running = ask(hub, { messages: [prompt("x")] });
    await expect.poll(() => one.requests.length).toBeGreaterThan(0);
    await configured(1);
    await hub.client.conversations.config();
    expect((await running).status).toBe(200);
    expect(one.requests).toHaveLength(3);
    await ask(hub, { messages: [prompt("y")] });
    expect(one.requests).toHaveLength(4);
  });

  it("keeps the last good one while the file is broken, says why, and takes the mended one", async () => {
    const config = () => hub.client.conversations.config();
    await write({ providers: [provider("one", one, "a")] });
    expect(await answering({ providerId: "one" })).toEqual(["one", "a"]);
    await writeFile(path, '{"providers": [{"id": "two",');
    expect((await config()).error).toMatch(/is not in force: it is not JSON: .* The last good one is\.$/);
    expect(await answering({ providerId: "one" })).toEqual(["one", "a"]);
    await write({ providers: [{ ...provider("two", two, "b"), apiKey: "sk-literal-1234567890" }] });
    const told = await config();
    expect(told.error).toContain("providers.0.apiKey: ${NAME} of an environment variable, or keyring:NAME");
    expect(JSON.stringify(told)).not.toContain("sk-literal");
    await writeFile(`${path}~`, JSON.stringify({ providers: [provider("two", two, "b")] }));
    await rename(`${path}~`, path);
    expect((await config()).error).toBeNull();
    expect(await answering({ providerId: "two" })).toEqual(["two", "b"]);
  });

  it("does not keep a hub from starting when it is broken, and the log says so", async () => {
    const home = await mkdtemp(join(tmpdir(), "hearth-broken-"));
    await writeFile(join(home, "chat.config.json"), "{");
    const log = new PassThrough();
    let logged = "";
    log.setEncoding("utf8").on("data", (text: string) => (logged += text));
    {
      await using broken = await TestHub.start({ home, logStream: log });
      expect((await broken.client.conversations.config()).error).toContain("The defaults are.");
    }
    expect(logged).toContain("the providers' file is not in force");
    await rm(home, { recursive: true });
  });

  it("is read and written over the API: checked first, keys refused unsaid, sources kept, told to everybody", async () => {
    const { conversations } = hub.client;
    const stop = new AbortController();
    const live = hub.client.live({ signal: stop.signal });
    expect((await live.next()).value).toMatchObject({ type: "ready" });
    const file = {
      version: "1.0",
      providers: [{ ...provider("one", one, "a"), apiKey: "${SOME_KEY}" }],
      settings: { defaultProviderId: "one", maxSteps: 4 },
    };
    const written = await conversations.replaceConfig(file);
    expect(written.providers).toMatchObject([
      { id: "hearth", hasApiKey: false },
      { id: "one", name: "one", hasApiKey: false, keySource: "${SOME_KEY}" },
    ]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const text = await readFile(path, "utf8");
    expect(await conversations.replaceConfig(await conversations.config())).toEqual(written);
    expect(await readFile(path, "utf8")).toBe(text);
    await conversations.replaceConfig({ ...file, providers: [provider("one", one, "a", "b")] });
    expect((await conversations.config()).providers[1]?.keySource).toBe("${SOME_KEY}");

    const before = await readFile(path, "utf8");
    const wrong = { ...file, providers: [{ ...provider("one", one, "a"), apiKey: "sk-literal-1234567890" }] };
    const answer = await hub.fetch("/api/chat/config", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(wrong),
    });
    const refused = await answer.text();
    expect([answer.status, refused]).toEqual([400, expect.stringContaining("providers.0.apiKey")]);
    const broken = await hub.fetch("/api/chat/config", {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: "sk-literal-1234567890",
    });
    expect(broken.status).toBe(400);
    expect(refused + (await broken.text())).not.toContain("sk-lit");
    expect(await conversations.validateConfig(wrong)).toEqual({
      valid: false,
      errors: [{ path: "providers.0.apiKey", message: expect.stringContaining("keyring:NAME") }],
    });
    expect(await conversations.validateConfig(file)).toEqual({ valid: true, errors: [] });
    expect(await readFile(path, "utf8")).toBe(before);
    expect((await live.next()).value).toMatchObject({ type: "change", topic: "chat" });
    stop.abort();
  });
});
