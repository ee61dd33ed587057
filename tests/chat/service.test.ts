import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { turnHeaders } from "@hearth/wire/chat/turn";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Sidecars, type SidecarsOptions } from "../../packages/hub/src/chat/service/sidecars.ts";
import { SidecarConnections, readText } from "../../packages/hub/src/chat/service/address.ts";
import { emberHub } from "../openai/ember-hub.ts";
import { TestHub, type TestHubOptions } from "../test-hub.ts";
import { ask, lastAnswer, Reading, serviceOf, useProvider, userMessage } from "./asking.ts";
import { echo, Provider } from "./provider.ts";
import { partsOf, saidIn, settingsWith } from "./sidecar-process.ts";

const patience = { timeout: 60_000, interval: 50 };
let provider: Provider;
beforeEach(async () => {
  provider = await Provider.start();
});
afterEach(() => provider[Symbol.asyncDispose]());

/** A hub whose turns are answered by the scripted provider. */
async function chatHub(options: TestHubOptions = {}): Promise<TestHub> {
  const hub = await TestHub.start(options);
  await useProvider(hub.url, provider.url);
  return hub;
}

function alive(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the chat's sidecars", () => {
  it.skipIf(process.platform === "win32")(
    "answer 503 with Retry-After while their place is somebody else's, and come back when it is free",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "hearth-stranger-"));
      const path = join(folder, "chat.sock");
      const stranger = createServer();
      await once(stranger.listen(path), "listening");
      {
        await using hub = await chatHub({ env: { HEARTH_CHAT_SOCKET: path } });
        const refused = await ask(hub.url, "s", "hello");
        expect(refused.status).toBe(503);
        expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
        expect(await refused.json()).toMatchObject({
          error: {
            code: "unavailable",
            message: expect.stringContaining(`Another process listens on ${path}`),
          },
        });
        // Prompt and refusal are kept.
        expect(await lastAnswer(hub.url, "s")).toMatchObject({
          status: "failed",
          error: expect.stringContaining("Another process"),
        });
        await expect
          .poll(() => serviceOf(hub.url), patience)
          .toMatchObject({
            state: "down",
            error: expect.stringContaining("Another process"),
            retry_after: expect.any(Number),
          });
        // Refused again: also then nothing stays half-written.
        expect((await ask(hub.url, "s", "hello again")).status).toBe(503);
        expect(await lastAnswer(hub.url, "s")).toMatchObject({ status: "failed" });
        expect(stranger.listening).toBe(true);
        stranger.close();
        provider.answer = echo;
        await expect.poll(async () => (await ask(hub.url, "s", "hello")).status, patience).toBe(200);
      }
      await rm(folder, { recursive: true });
    },
  );

  it("are started again after their death", async () => {
    await using hub = await chatHub();
    provider.answer = echo;
    await (await ask(hub.url, "s", "one")).text();
    const before = (await serviceOf(hub.url)).sidecars[0]?.pid ?? 0;
    expect(alive(before)).toBe(true);
    process.kill(before, "SIGKILL");
    await expect
      .poll(async () => (await serviceOf(hub.url)).sidecars[0], patience)
      .toMatchObject({ state: "up", restarts: 1 });
    expect((await serviceOf(hub.url)).sidecars[0]?.pid).not.toBe(before);
    expect(saidIn(await (await ask(hub.url, "s", "two")).text())).toBe("You said: two");
  });

  it("take turns by the fewest connections, and are as many as wanted", async () => {
    await using hub = await chatHub({ env: { HEARTH_CHAT_SIDECARS: "2", HEARTH_CHAT: "always" } });
    const active = async () => (await serviceOf(hub.url)).sidecars.map((sidecar) => sidecar.active);
    const states = async () => (await serviceOf(hub.url)).sidecars.map(({ state }) => state);
    await expect.poll(states, patience).toEqual(["up", "up"]);
    const answers = [1, 2, 3, 4].map((turn) => ask(hub.url, `s${turn}`, "hello"));
    const calls = await Promise.all(answers.map(() => provider.next()));
    expect(await active()).toEqual([2, 2]);
    for (const call of calls) call.begin().finish();
    for (const answer of answers) await (await answer).text();
    await expect.poll(active).toEqual([0, 0]);
  });

  it("are replaced by a reload, and end with their last turn, which ends whole", async () => {
    await using hub = await chatHub();
    const answering = ask(hub.url, "s", "long");
    const call = await provider.next();
    call.begin().say("first, ");
    const reading = await new Reading(await answering).until("first");
    const before = (await serviceOf(hub.url)).sidecars[0]?.pid ?? 0;
    const reloaded = await hub.post("/api/chat/reload", {});
    expect(reloaded.status).toBe(200);
    const [sidecar] = (await serviceOf(hub.url)).sidecars;
    expect(sidecar).toMatchObject({ state: "up", active: 0 });
    expect(sidecar?.pid).not.toBe(before);
    const other = ask(hub.url, "other", "meanwhile");
    (await provider.next()).begin().say("by the new one").finish();
    expect(saidIn(await (await other).text())).toBe("by the new one");
    expect(alive(before)).toBe(true);
    call.say("second").finish();
    expect(saidIn((await reading.rest()).text)).toBe("first, second");
    expect(await lastAnswer(hub.url, "s")).toMatchObject({ status: "complete", text: "first, second" });
    await expect.poll(() => alive(before), patience).toBe(false);
  });

  it("are none where the chat is switched off", async () => {
    await using hub = await chatHub({ env: { HEARTH_CHAT: "off" } });
    const refused = await ask(hub.url, "s", "hello");
    expect([refused.status, await refused.text()]).toEqual([503, expect.stringContaining("HEARTH_CHAT=off")]);
  });
});

describe.skipIf(process.platform === "win32")("pings", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "hearth-pings-"));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const failures: string[] = [];
  const options = (): SidecarsOptions => ({
    start: "always",
    count: 1,
    transport: { kind: "socket", path: join(folder, "chat.sock") },
    settings: () => settingsWith(provider.url),
    logsFolder: folder,
    recordsFolder: join(folder, "processes"),
    pingEveryMs: 50,
    pingTimeoutMs: 500,
    onChange: () => undefined,
    onFailed: ({ error }) => failures.push(error),
  });
  const never = new AbortController().signal;
  const turn = (prompt: string): string =>
    JSON.stringify({ sessionId: "s", answerId: "a", messages: [userMessage(prompt)] });

  it("find a sidecar that hangs, which is replaced", async () => {
    await using sidecars = new Sidecars(options());
    sidecars.start();
    using lease = await sidecars.lease(never);
    const answering = lease.connections.send("POST", "/api/chat", turn("hello"), never);
    (await provider.next()).begin().say("beginning");
    const answer = await answering;
    const broken = once(answer.resume(), "error");
    const before = sidecars.status.sidecars[0]?.pid ?? 0;
    process.kill(before, "SIGSTOP");
    // Who waits for it hears of its end.
    await broken;
    await expect
      .poll(() => sidecars.status.sidecars[0], patience)
      .toMatchObject({ state: "up", restarts: 1 });
    expect(failures.join()).toContain("it did not answer 3 pings");
    expect(alive(before)).toBe(false);
    using next = await sidecars.lease(never);
    const health = await next.connections.send("GET", "/health", null, never);
    expect(await readText(health)).toContain("ok");
  });

  it("do not end one that is drained and still answers", async () => {
    await using sidecars = new Sidecars(options());
    sidecars.start();
    using lease = await sidecars.lease(never);
    const answering = lease.connections.send("POST", "/api/chat", turn("hello"), never);
    const call = await provider.next();
    call.begin().say("beginning, ");
    const answer = await answering;
    // Each of them takes as long as many pings.
    await sidecars.reload(never);
    await sidecars.reload(never);
    call.say("end").finish();
    expect(saidIn(await readText(answer))).toBe("beginning, end");
  });

  it("a hub that stops does not wait for a drained one that hangs", async () => {
    const sidecars = new Sidecars(options());
    sidecars.start();
    using lease = await sidecars.lease(never);
    const answering = lease.connections.send("POST", "/api/chat", turn("hello"), never);
    (await provider.next()).begin().say("beginning");
    const answer = await answering;
    const broken = once(answer.resume(), "error");
    const pid = sidecars.status.sidecars[0]?.pid ?? 0;
    await sidecars.reload(never);
    process.kill(pid, "SIGSTOP");
    await sidecars[Symbol.asyncDispose]();
    await broken;
    expect(alive(pid)).toBe(false);
  });
});

describe("a turn", () => {
  it("is refused beyond the limit for other servers' models; the hub's own do not count", async () => {
    await using hub = await chatHub();
    provider.answer = echo;
    // Eleven at once: none slips through.
    const answers = await Promise.all(
      Array.from({ length: 11 }, (_, turn) => ask(hub.url, `s${turn}`, "hello")),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.map(({ status }) => status)).toEqual([429]);
    expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(await refused[0]?.json()).toMatchObject({
      error: { code: "rate_limited", message: expect.stringContaining("HEARTH_CHAT_RATE_LIMIT") },
    });
    for (const answer of answers) if (answer.status === 200) await answer.text();
    expect((await ask(hub.url, "s", "again")).status).toBe(429);
    const own = await ask(hub.url, "s", "again", { providerId: "hearth", modelId: "none-such" });
    expect([own.status, await own.text()]).toEqual([200, expect.stringContaining("none-such")]);
  });

  it("of the hub's own models counts where it is set", async () => {
    await using hub = await TestHub.start({
      env: { HEARTH_CHAT_LIMIT_HUB: "1", HEARTH_CHAT_RATE_LIMIT: "2" },
    });
    const status = async () => {
      const answer = await ask(hub.url, "s", "hello", { providerId: "hearth", modelId: "none-such" });
      await answer.text();
      return answer.status;
    };
    expect([await status(), await status(), await status()]).toEqual([200, 200, 429]);
  });

  it("whose client goes away closes the request to the provider", async () => {
    await using hub = await chatHub();
    const client = new AbortController();
    const answering = ask(hub.url, "s", "long", {}, client.signal);
    const call = await provider.next();
    call.begin().say("a beginning");
    await new Reading(await answering).until("a beginning");
    client.abort();
    expect(await call.left).toBe(true);
    await expect
      .poll(() => lastAnswer(hub.url, "s"), patience)
      .toMatchObject({ status: "stopped", text: "a beginning", error: null });
  });

  it("whose client goes away before the first word does so, too", async () => {
    await using hub = await chatHub();
    const client = new AbortController();
    const answering = ask(hub.url, "s", "silent", {}, client.signal);
    const call = await provider.next();
    client.abort();
    await answering.catch(() => undefined);
    expect(await call.left).toBe(true);
    await expect
      .poll(() => lastAnswer(hub.url, "s"), patience)
      .toMatchObject({ status: "stopped", text: "" });
  });

  it("of one of the hub's models frees its engine when its client goes away", async () => {
    await using hub = await emberHub({ env: { HEARTH_SLOTS: "1" } });
    const running = async () => (await hub.client.health()).engines.map(({ active }) => active);
    for (let round = 0; round < 2; round++) {
      const client = new AbortController();
      const answer = await ask(
        hub.url,
        `s${round}`,
        "Tell me a very long story",
        {
          providerId: "hearth",
          modelId: "ember",
          settings: { tools: "none", maxTokens: 400, temperature: 1, seed: round },
        },
        client.signal,
      );
      const reading = await new Reading(answer).until("text-delta");
      client.abort();
      await reading.rest();
      await expect.poll(running, patience).toEqual([0]);
      expect(await lastAnswer(hub.url, `s${round}`)).toMatchObject({
        status: expect.stringMatching(/stopped|complete/) as string,
      });
    }
  });

  it("can be stopped from elsewhere", async () => {
    await using hub = await chatHub();
    const answering = ask(hub.url, "s", "long");
    const call = await provider.next();
    call.begin().say("a beginning");
    const reading = await new Reading(await answering).until("a beginning");
    expect((await hub.post("/api/chat/sessions/s/stop", {})).status).toBe(204);
    const { text } = await reading.rest();
    expect(partsOf(text).at(-1)).toEqual({ type: "abort", reason: "stopped" });
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    expect(await call.left).toBe(true);
    expect(await lastAnswer(hub.url, "s")).toMatchObject({ status: "stopped", text: "a beginning" });
  });

  it("gives the bytes that the sidecar gives", async () => {
    await using hub = await chatHub();
    provider.answer = (call) =>
      call.begin().chunk({ reasoning_content: "é…" }).say("漢", "字 🙂", " “x”\n\n", "</script>").finish();
    const through = await ask(hub.url, "s", "hello", { answerId: "a" });
    const theirs = new SidecarConnections(
      process.platform === "win32"
        ? { kind: "pipe", path: String.raw`\\.\pipe\hearth-chat` }
        : { kind: "socket", path: join(hub.home, "chat.sock") },
    );
    const direct = await theirs.send(
      "POST",
      "/api/chat",
      JSON.stringify({
        sessionId: "s",
        answerId: "a",
        messages: [userMessage("hello")],
        settings: { tools: "none" },
      }),
      new AbortController().signal,
    );
    // Only what was measured differs.
    const timeless = (text: string) => text.replaceAll(/"(ttft_ms|tokens_per_second)":[\d.e-]+,?/g, "");
    expect(timeless(await through.text())).toBe(timeless(await readText(direct)));
    for (const name of ["content-type", ...Object.values(turnHeaders)])
      expect(through.headers.get(name)).toBe(direct.headers[name]);
    theirs[Symbol.dispose]();
  });
});
