import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdtemp, rm } from "node:fs/promises";
import type { ClientRequest } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { streamHeader, turnHeaders } from "@hearth/wire/chat/turn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ListenOptions } from "../../packages/hub/src/chat/sidecar/messages.ts";
import { version } from "../../packages/hub/src/version.ts";
import { echo, Provider } from "./provider.ts";
import { readUntil, saidIn, settingsWith, SidecarProcess, textOf } from "./sidecar-process.ts";

const ownerModule = fileURLToPath(new URL("sidecar-owner.ts", import.meta.url));

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Every way a sidecar can be reached on this system. */
const transports: Record<string, (folder: string) => ListenOptions | Promise<ListenOptions>> =
  process.platform === "win32"
    ? { "named pipe": () => ({ transport: "pipe", path: String.raw`\\.\pipe\hearth-test-${process.pid}` }) }
    : { "Unix socket": (folder) => ({ transport: "socket", path: join(folder, "chat.sock") }) };
transports["HTTP, a port of the system's choice"] = (folder) => ({
  transport: "http",
  port: 0,
  portFile: join(folder, "chat.port"),
});
transports["HTTP, a port that was set"] = async () => ({
  transport: "http",
  port: await freePort(),
  portFile: null,
});

/** The longest body of a turn that a sidecar takes. */
const bodyLimit = 128 * 2 ** 20;

describe.each(Object.entries(transports))("a sidecar on %s", (_name, place) => {
  let folder: string;
  let listen: ListenOptions;
  let provider: Provider;
  let sidecar: SidecarProcess;
  const missing = { id: "keyless", name: "Keyless", missingKey: "KEYLESS_API_KEY" };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "hearth-sidecar-"));
    provider = await Provider.start();
    listen = await place(folder);
    sidecar = await SidecarProcess.start(folder, listen, settingsWith(provider.url, [missing]));
  });
  afterAll(async () => {
    await sidecar[Symbol.asyncDispose]();
    await provider[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const refusal = async (body: unknown): Promise<[number | undefined, string]> => {
    const answer = await sidecar.send("POST", "/api/chat", body);
    const told = JSON.parse(await textOf(answer)) as { error: { message: string } };
    return [answer.statusCode, told.error.message];
  };

  it("says how it is, and what it does not have", async () => {
    const health = await sidecar.send("GET", "/health");
    expect([health.statusCode, JSON.parse(await textOf(health))]).toEqual([200, { status: "ok", version }]);
    expect((await sidecar.send("GET", "/api/chat")).statusCode).toBe(404);
  });

  it("streams an answer as the provider writes it", async () => {
    const answering = sidecar.turn("hello");
    const call = await provider.next();
    expect(call.prompt).toBe("hello");
    call.begin().say("first ");
    const answer = await answering;
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      "content-type": "text/event-stream",
      [streamHeader[0]]: streamHeader[1],
      [turnHeaders.provider]: "scripted",
      [turnHeaders.model]: "one",
      [turnHeaders.session]: "s",
      [turnHeaders.answer]: "a",
    });
    // The provider waits with the rest until the beginning is here.
    let text = await readUntil(answer, "first ");
    call.say("second");
    text += await readUntil(answer, "second");
    call.finish();
    text += await readUntil(answer, "[DONE]");
    expect(saidIn(text)).toBe("first second");
    expect(text).toContain('"type":"finish"');
    await textOf(answer);
  });

  it("closes the request to the provider when its client goes away", async () => {
    let asked: ClientRequest | undefined;
    const answering = sidecar.turn("long", {}, (request) => (asked = request));
    const call = await provider.next();
    call.begin().say("a beginning");
    await readUntil(await answering, "a beginning");
    asked?.destroy();
    expect(await call.left).toBe(true);
  });

  it("closes it also before the provider has said anything", async () => {
    let asked: ClientRequest | undefined;
    const answering = sidecar.turn("silent", {}, (request) => (asked = request));
    // Whether the head has come by then does not matter here.
    answering.catch(() => undefined);
    const call = await provider.next();
    asked?.destroy();
    expect(await call.left).toBe(true);
  });

  it("refuses what cannot be, and says what it is", async () => {
    const turn = (more: object, part: object = { type: "text", text: "x" }, role = "user") => ({
      sessionId: "s",
      answerId: "a",
      messages: [{ id: "u", role, parts: [part] }],
      ...more,
    });
    expect(await refusal(turn({ messages: "no" }))).toEqual([400, "messages must be an array"]);
    expect(await refusal({})).toEqual([400, expect.stringContaining("sessionId")]);
    expect(await refusal("{")).toEqual([400, expect.stringContaining("The body is not JSON")]);
    expect(await refusal(turn({}, undefined, "robot"))).toEqual([
      400,
      expect.stringContaining("messages.0.role"),
    ]);
    expect(await refusal(turn({}, { type: "hologram" }))).toEqual([
      400,
      expect.stringContaining("messages.0.parts.0"),
    ]);
    expect(await refusal(turn({ providerId: "x" }))).toEqual([
      400,
      'Invalid provider: x. Known: "hearth", "scripted", "keyless".',
    ]);
    expect(await refusal(turn({ modelId: "x" }))).toEqual([
      400,
      'Invalid model: x. Scripted has "one", "two".',
    ]);
    expect(await refusal(turn({ providerId: "keyless" }))).toEqual([
      400,
      "API key not configured for provider: Keyless. Set KEYLESS_API_KEY and restart Hearth.",
    ]);
  });

  it("takes a megabyte and gives a megabyte", async () => {
    const prompt = `${"long ".repeat(200_000)}end`;
    const answering = sidecar.turn(prompt);
    const call = await provider.next();
    expect(call.prompt).toBe(prompt);
    const piece = "x".repeat(100_000);
    call.begin().say(...Array.from({ length: 10 }, () => piece), "end");
    call.finish();
    expect(saidIn(await textOf(await answering))).toBe(`${piece.repeat(10)}end`);
  });

  it("answers 413 to a body beyond the limit, and goes on", async () => {
    const [status, message] = await refusal("x".repeat(bodyLimit + 1));
    expect([status, message]).toEqual([
      413,
      `The body has ${bodyLimit + 1} bytes, ${bodyLimit} are allowed.`,
    ]);
    expect((await sidecar.send("GET", "/health")).statusCode).toBe(200);
  });

  it("answers several turns at once, each with its own", async () => {
    const prompts = Array.from({ length: 8 }, (_, index) => `turn ${index}`);
    const answers = prompts.map(async (prompt) => textOf(await sidecar.turn(prompt, { answerId: prompt })));
    const calls = await Promise.all(prompts.map(() => provider.next()));
    for (const call of calls) call.begin();
    for (let piece = 0; piece < 20; piece++) for (const call of calls) call.say(`${call.prompt}, ${piece}; `);
    for (const call of calls) call.finish();
    expect((await Promise.all(answers)).map(saidIn)).toEqual(
      prompts.map((prompt) => Array.from({ length: 20 }, (_, piece) => `${prompt}, ${piece}; `).join("")),
    );
  });

  it("lets the running turn end when it is drained, takes no new one, and leaves nothing behind", async () => {
    const answering = sidecar.turn("the last one");
    const call = await provider.next();
    call.begin().say("beginning, ");
    const answer = await answering;
    let text = await readUntil(answer, "beginning");
    await sidecar.child.send({ type: "drain" });
    // No connection is taken any more.
    await expect
      .poll(
        async () =>
          await sidecar.turn("too late").then(
            () => "taken",
            () => "refused",
          ),
      )
      .toBe("refused");
    call.say("end").finish();
    text += await textOf(answer);
    expect(saidIn(text)).toBe("beginning, end");
    expect(await sidecar.child.exited).toMatchObject({ reason: "finished" });
    const file = listen.transport === "http" ? listen.portFile : listen.path;
    if (file !== null) await expect(access(file)).rejects.toThrow("ENOENT");
    // The place is free for the next one.
    sidecar = await SidecarProcess.start(folder, listen, settingsWith(provider.url, [missing]));
    provider.answer = echo;
    expect(saidIn(await textOf(await sidecar.turn("again")))).toBe("You said: again");
    provider.answer = null;
  });

  it("ends with its hub, and leaves nothing behind", async () => {
    const own = await mkdtemp(join(tmpdir(), "hearth-sidecar-"));
    const theirs = await place(own);
    const owner = spawn(
      process.execPath,
      [ownerModule, own, JSON.stringify(theirs), JSON.stringify(settingsWith(provider.url))],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const [line] = (await once(createInterface({ input: owner.stdout }), "line")) as [string];
    owner.kill("SIGKILL");
    await expect.poll(() => alive(Number(line))).toBe(false);
    const file = theirs.transport === "http" ? theirs.portFile : theirs.path;
    if (file !== null) await expect(access(file)).rejects.toThrow("ENOENT");
    await rm(own, { recursive: true });
  });
});

function alive(pid: number): boolean {
  try {
    return pid > 1 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
