import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { AdapterFile, GenerateEvent, GenerateRequest, ModelFiles } from "../../engine.ts";
import { GenerationFailed, ModelLoadFailed, PlatformUnsupported, Timeout } from "../../errors.ts";
import { mlxAdapter, tinyMlxModel } from "../../tests/mlx-fixtures.ts";
import { mlxPeer } from "../../tests/mlx-peer.ts";
import { TestFolder, tinyShape } from "../../tests/model-fixtures.ts";
import { greedy } from "../../verify-export.ts";
import { MlxEngine } from "./engine.ts";
import { selectMlxServer } from "./select-server.ts";

const folder = await TestFolder.create();
afterAll(() => folder[Symbol.asyncDispose]());
const peer = mlxPeer();
const never = new AbortController().signal;
const options = { threads: 1, slots: 4 };

let asked = 0;
function request(change: Partial<GenerateRequest> = {}): GenerateRequest {
  asked += 1;
  const prompt = { kind: "text" as const, text: "once upon a time" };
  return { id: `t${asked}`, prompt, adapter: null, maxTokens: 12, stop: [], sampling: greedy, ...change };
}

async function collected(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const all: GenerateEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function textOf(events: readonly GenerateEvent[]): string {
  return events.map((event) => (event.type === "tokens" ? event.text : "")).join("");
}

function attach(url: string, timeoutMs = 30_000): MlxEngine {
  const server = { attach: { url, key: null } };
  return new MlxEngine({ server, logFile: folder.file("unused.log"), timeoutMs });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

describe.skipIf(peer === null)("an mlx_lm.server that somebody else runs", () => {
  let server: ChildProcess;
  let port = 0;
  let url = "";
  let model: ModelFiles;
  let adapter: AdapterFile;

  async function start(): Promise<void> {
    if (port === 0) port = await freePort();
    url = `http://127.0.0.1:${port}`;
    // As a person starts it: without a model, without what the hub adds to its own.
    const args = ["-I", "-m", "mlx_lm", "server", "--port", String(port), "--log-level", "ERROR"];
    const env = { HF_HUB_OFFLINE: "1", MLX_DISABLE_COMPILE: "1", HOME: folder.path };
    server = spawn(peer?.interpreter ?? "", args, { stdio: "ignore", env });
    await vi.waitFor(async () => expect((await fetch(`${url}/health`)).status).toBe(200), {
      timeout: 60_000,
      interval: 200,
    });
  }
  async function stop(): Promise<void> {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }

  beforeAll(async () => {
    model = await tinyMlxModel(folder.file("attached"));
    adapter = await mlxAdapter(folder.file("attached-adapter"), tinyShape, 1);
    await start();
  });
  afterAll(stop);

  test("loads the model that it is asked for, and answers as one of our own does", async () => {
    await using engine = attach(url);
    expect(await engine.load(model, options, never)).toMatchObject({ contextSize: 512, vocabulary: 512 });
    expect(engine.pid).toBeNull();
    const events = await collected(engine.generate(request(), never));
    expect(events[0]).toEqual({ type: "started", promptTokens: null, cachedTokens: null });
    expect(events.at(-1)).toMatchObject({ type: "done", completionTokens: 12, finishReason: "length" });
    expect(events.at(-1)).toMatchObject({ promptTokens: expect.any(Number) });
    await using own = new MlxEngine({
      server: { environment: peer ?? { interpreter: "", device: "cpu" } },
      logFile: folder.file("own.log"),
    });
    await own.load(model, options, never);
    // mlx-lm drops a space at the beginning.
    expect(textOf(events)).toBe(textOf(await collected(own.generate(request(), never))).replace(/^ /, ""));
  });

  test("stops at a stop string, and answers with an adapter and without it", async () => {
    await using engine = attach(url);
    await engine.load(model, options, never);
    const plain = textOf(await collected(engine.generate(request(), never)));
    const stop = plain.slice(4, 6);
    const stopped = await collected(engine.generate(request({ stop: [stop] }), never));
    expect(textOf(stopped)).toBe(plain.slice(0, plain.indexOf(stop)));
    expect(stopped.at(-1)).toMatchObject({ finishReason: "stop", stopSequence: stop });
    const [one, two, three] = await Promise.all(
      [adapter, null, adapter].map(async (each) =>
        textOf(await collected(engine.generate(request({ adapter: each }), never))),
      ),
    );
    expect(two).toBe(plain);
    expect(one).not.toBe(plain);
    expect(three).toBe(one);
  });

  test("what it does not do is refused by name", async () => {
    await using engine = attach(url);
    await engine.load(model, options, never);
    expect(engine.capabilities).toMatchObject({ memory: "remote", logprobs: null });
    await expect(collected(engine.generate(request({ logprobs: 1 }), never))).rejects.toMatchObject({
      code: "invalid_request",
      details: { field: "logprobs" },
    });
    await expect(engine.tokenize({ kind: "text", text: "x" }, never)).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  test("a model that it cannot load is refused in its words", async () => {
    await using engine = attach(url);
    const missing = { ...model, basePath: folder.file("nothing") };
    const error: unknown = await engine.load(missing, options, never).catch((each: unknown) => each);
    expect(error).toBeInstanceOf(ModelLoadFailed);
    expect(error).toMatchObject({ message: expect.stringContaining(folder.file("nothing")) });
    expect(engine.loaded).toBe(false);
  });

  test("gone in the middle of an answer: the request fails, the engine is lost, and a new one says how to go on", async () => {
    await using engine = attach(url);
    await engine.load(model, options, never);
    const lost = Promise.withResolvers<Error>();
    engine.onLost = lost.resolve;
    const sampling = { ...greedy, seed: null, logitBias: new Map([[100, 100]]) };
    const events = engine.generate(request({ maxTokens: null, sampling }), never)[Symbol.asyncIterator]();
    expect((await events.next()).value).toMatchObject({ type: "started" });
    const running = collected({ [Symbol.asyncIterator]: () => events });
    const failed = expect(running).rejects.toBeInstanceOf(GenerationFailed);
    await stop();
    await failed;
    expect(await lost.promise).toMatchObject({ message: expect.stringContaining("MLX_SERVER_URL") });
    expect(engine.loaded).toBe(false);
    await expect(engine.load(model, options, never)).rejects.toThrow(
      /No mlx_lm\.server answers at .*ECONNREFUSED/,
    );
    await start();
    await engine.load(model, options, never);
    expect((await collected(engine.generate(request(), never))).at(-1)?.type).toBe("done");
  });
});

/** What versions of mlx-lm do that are not installed here, byte for byte. */
describe("a server that breaks off", () => {
  const sockets = new Set<Socket>();
  let server: Server | null = null;
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server?.close();
  });

  /** Answers health and the first completion as mlx_lm.server does, and the next one by `answer`. */
  async function serving(answer: (socket: Socket) => void): Promise<MlxEngine> {
    let completions = 0;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      let text = "";
      socket.on("data", (bytes: Buffer) => {
        text += bytes.toString("latin1");
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
        if (!text.includes("\r\n\r\n") || text.length < text.indexOf("\r\n\r\n") + 4 + length) return;
        if (text.startsWith("POST") && completions++ > 0) answer(socket);
        else socket.end('HTTP/1.0 200 OK\r\nContent-type: application/json\r\n\r\n{"status": "ok"}');
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const engine = attach(`http://127.0.0.1:${port}`, 500);
    const files: ModelFiles = { basePath: "/m", baseSha256: "m", bytes: 1, shape: null };
    await engine.load(files, options, never);
    return engine;
  }
  const head = "HTTP/1.0 200 OK\r\nContent-type: text/event-stream\r\n\r\n";
  const token = 'data: {"choices": [{"index": 0, "finish_reason": null, "text": "a"}]}\n\n';

  test("without a word, as 0.31 does for a value out of bounds: says so, and the engine goes on", async () => {
    await using engine = await serving((socket) => socket.destroy());
    await expect(collected(engine.generate(request(), never))).rejects.toThrow(
      /broke \(socket hang up\).*before 0\.32 also end the connection when a value is out of bounds/,
    );
    expect(engine.loaded).toBe(true);
  });

  test("in the middle of an answer", async () => {
    await using engine = await serving((socket) => socket.end(head + token));
    await expect(collected(engine.generate(request(), never))).rejects.toThrow(
      /ended the connection in the middle of its answer/,
    );
  });

  test("with an error of its own making", async () => {
    await using engine = await serving((socket) =>
      socket.end('HTTP/1.0 404 Not Found\r\n\r\n{"error": "No chat template"}'),
    );
    await expect(collected(engine.generate(request(), never))).rejects.toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("No chat template"),
    });
  });

  test("comments while a prompt is taken in are signs of life; silence is not", async () => {
    let beats = 0;
    await using engine = await serving((socket) => {
      socket.write(head);
      const timer = setInterval(() => {
        beats += 1;
        // 1.2 s in all: more than twice the patience of 0.5 s.
        if (beats <= 6) socket.write(`: keepalive ${beats}/6\n\n`);
        else clearInterval(timer);
      }, 200);
      socket.on("close", () => clearInterval(timer));
    });
    const lost = Promise.withResolvers<Error>();
    engine.onLost = lost.resolve;
    await expect(collected(engine.generate(request(), never))).rejects.toBeInstanceOf(Timeout);
    expect(beats).toBeGreaterThanOrEqual(6);
    expect(await lost.promise).toBeInstanceOf(Timeout);
  });

  test("with garbage or without an end in its stream: a failure, not a hang", async () => {
    for (const rest of ["data: <html>\n\n", `data: ${"x".repeat(5_000_000)}`]) {
      await using engine = await serving((socket) => socket.end(head + rest));
      await expect(collected(engine.generate(request(), never))).rejects.toBeInstanceOf(GenerationFailed);
    }
  });
});

test("without an environment and without an attached server the choice says what to do", () => {
  expect(selectMlxServer(folder.path, "http://host:1")).toEqual({
    attach: { url: "http://host:1", key: null },
  });
  expect(() => selectMlxServer(folder.file("empty"), null)).toThrow(PlatformUnsupported);
});
