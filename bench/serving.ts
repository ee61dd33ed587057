import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { HearthClient } from "@hearth/sdk";
import type { Engine, GenerateRequest, ModelFiles } from "../packages/hub/src/inference/engine.ts";
import { LlamaEngine } from "../packages/hub/src/inference/engines/llama/engine.ts";
import { greedy } from "../packages/hub/src/inference/verify-export.ts";
import { makeRandomModel, presets } from "./models/random-model.ts";
import { describeMachine, median, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";

const checkout = fileURLToPath(new URL("..", import.meta.url));
const launcher = join(checkout, "packages/hub/bin/hearth.js");
const streams = 8;
const answerTokens = 32;
/** Requests behind each median of the time to the first token, and those before them that compile code. */
const asked = 250;
const warmUp = 50;
const never = new AbortController().signal;

/** The timer of the event loop's delay runs this often; what is beyond it is delay. */
const resolutionMs = 10;

/**
 * Serving: decode speed of the engine at one stream and at eight, for a model of the 0.5B class;
 * what the hub adds to the time to the first token; how late event loops run meanwhile.
 */
export async function benchServing({
  runs,
  threads = availableParallelism(),
}: Pick<BenchOptions, "runs"> & { threads?: number }): Promise<BenchReport> {
  const large = await keptModel("random-0.5b-q8_0.gguf", "0.5b");
  const small = await keptModel("random-small-q8_0.gguf", "small");
  const folder = await mkdtemp(join(tmpdir(), "hearth-bench-"));
  try {
    const decode = await measureDecode(large, folder, runs, threads);
    const hub = await measureHub(small, large, folder, runs, threads);
    return {
      bench: "serving",
      machine: describeMachine(),
      rows: [...decode, ...hub],
      notes: [
        `decode: 386 million random weights in Q8_0, ${answerTokens} tokens a stream, ${threads} threads; other work on the machine halves it and worse`,
        `first tokens: a model of 3 million weights, ${asked} requests a run, the engine alone and the hub in turn, a bare socket as the client`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Random models take long to write, so they stay in the checkout's cache. */
async function keptModel(name: string, preset: "0.5b" | "small"): Promise<ModelFiles> {
  const folder = join(checkout, ".cache", "bench");
  const path = join(folder, name);
  try {
    await access(path);
  } catch {
    await mkdir(folder, { recursive: true });
    const shape =
      preset === "0.5b"
        ? presets["0.5b"]
        : { ...presets.tiny, vocabulary: 512, dim: 192, layers: 7, heads: 6, headDim: 32, ffn: 512 };
    await makeRandomModel(`${path}.new`, { preset: shape, type: "Q8_0", seed: 1 });
    await rename(`${path}.new`, path);
  }
  return { basePath: path, baseSha256: name, bytes: (await stat(path)).size, shape: null };
}

async function measureDecode(
  model: ModelFiles,
  folder: string,
  runs: number,
  threads: number,
): Promise<BenchRow[]> {
  const speeds: Record<string, number[]> = { "1 stream": [], [`${streams} streams`]: [] };
  const ratios: number[] = [];
  const delays: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using engine = newEngine(folder, threads);
    await engine.load(model, { threads, slots: streams, contextSize: 512, adapterContexts: 1 }, never);
    await decodeSpeed(engine, 1);
    const delay = monitorEventLoopDelay({ resolution: resolutionMs });
    delay.enable();
    // One stream before and after, so that a machine that slows down does not favour either.
    const before = await decodeSpeed(engine, 1);
    const together = await decodeSpeed(engine, streams);
    const alone = (before + (await decodeSpeed(engine, 1))) / 2;
    delay.disable();
    delays.push(Math.max(0, delay.percentile(99) / 1e6 - resolutionMs));
    speeds["1 stream"]?.push(alone);
    speeds[`${streams} streams`]?.push(together);
    ratios.push(together / alone);
  }
  return [
    {
      name: "decode, all streams together",
      unit: "tokens/s",
      values: medians(speeds),
      samples: speeds,
    },
    limited(`${streams} streams against one`, "×", ratios, "≥ 1.9", (value) => value >= 1.9),
    limited("event loop of the engine's owner, delay p99", "ms", delays, "≤ 10", (value) => value <= 10),
  ];
}

function newEngine(folder: string, threads: number): LlamaEngine {
  return new LlamaEngine({
    threads,
    logFile: join(folder, "engine.log"),
    codeCacheFolder: join(folder, "code"),
    timeoutMs: 300_000,
  });
}

let requests = 0;

function request(words: number, maxTokens: number): GenerateRequest {
  requests += 1;
  return {
    id: `bench-${requests}`,
    prompt: {
      kind: "chat",
      messages: [{ role: "user", content: `request ${requests} ${"word ".repeat(words)}` }],
    },
    adapter: null,
    maxTokens,
    stop: [],
    sampling: greedy,
  };
}

/** Tokens a second of `count` streams together, from the moment when all have begun to the first end. */
async function decodeSpeed(engine: Engine, count: number): Promise<number> {
  let begun = 0;
  let tokens = 0;
  let since = 0;
  let until = 0;
  const stream = async (): Promise<void> => {
    let first = true;
    for await (const event of engine.generate(request(8, answerTokens + streams * 2), never)) {
      if (event.type === "done") until ||= performance.now();
      if (event.type !== "tokens") continue;
      if (first) {
        first = false;
        begun += 1;
        if (begun === count) since = performance.now();
      } else if (since > 0 && until === 0) tokens += event.ids.length;
    }
  };
  await Promise.all(Array.from({ length: count }, stream));
  return tokens / ((until - since) / 1000);
}

/** First tokens of the engine alone and through the hub in turn; then the hub's event loop under load. */
async function measureHub(
  small: ModelFiles,
  large: ModelFiles,
  folder: string,
  runs: number,
  threads: number,
): Promise<BenchRow[]> {
  const firsts: Record<string, number[]> = { engine: [], hub: [] };
  const added: number[] = [];
  const delays: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using engine = newEngine(folder, threads);
    await engine.load(small, { threads: 1, slots: streams, adapterContexts: 1 }, never);
    await using hub = await RunningHub.start(join(folder, `home-${run}`), threads);
    const { client } = hub;
    const url = new URL(client.url);
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true }).setEncoding("utf8");
    for (const [name, model] of [
      ["small", small],
      ["large", large],
    ] as const) {
      await client.models.create({ name, task_type: "chat" });
      await client.models.importVersion(name, model.basePath);
    }
    const times = { engine: [] as number[], hub: [] as number[] };
    for (let count = -warmUp; count < asked; count += 1) {
      const alone = await firstFromEngine(engine);
      const through = await firstFromHub(url, socket);
      if (count < 0) continue;
      times.engine.push(alone);
      times.hub.push(through);
    }
    socket.destroy();
    firsts["engine"]?.push(median(times.engine));
    firsts["hub"]?.push(median(times.hub));
    added.push(median(times.hub) - median(times.engine));
    await readAnswer(client, "large", 8);
    await Promise.all(Array.from({ length: streams }, () => readAnswer(client, "large", answerTokens)));
    delays.push(await eventLoopDelay(client));
  }
  return [
    { name: "first token, small model", unit: "ms", values: medians(firsts), samples: firsts },
    limited("first token: what the hub adds", "ms", added, "≤ 2", (value) => value <= 2),
    limited(
      `event loop of the hub at ${streams} streams, delay p99`,
      "ms",
      delays,
      "≤ 10",
      (value) => value <= 10,
    ),
  ];
}

async function firstFromEngine(engine: Engine): Promise<number> {
  const asking = request(8, 2);
  const started = performance.now();
  let first = 0;
  for await (const event of engine.generate(asking, never)) {
    if (event.type === "tokens" && first === 0) first = performance.now() - started;
  }
  return first;
}

/**
 * Over a kept connection and without any client library: what a client spends on its own side is not
 * added by the hub (`fetch` alone takes 0.7 ms of a round trip here).
 */
async function firstFromHub(url: URL, socket: Socket): Promise<number> {
  requests += 1;
  const body = JSON.stringify({
    model: "small",
    messages: [{ role: "user", content: `request ${requests} ${"word ".repeat(8)}` }],
    max_completion_tokens: 2,
    temperature: 0,
    stream: true,
  });
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    `Host: ${url.host}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const started = performance.now();
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  let first = 0;
  let text = "";
  while (!text.includes("[DONE]") || !text.endsWith("0\r\n\r\n")) {
    const [chunk] = (await once(socket, "data")) as [string];
    text += chunk;
    if (first === 0 && /"content":"[^"]/.test(text)) first = performance.now() - started;
    if (!text.startsWith("HTTP/1.1 200")) throw new Error(`the hub refused the request: ${text}`);
  }
  return first;
}

async function readAnswer(client: HearthClient, model: string, maxTokens: number) {
  requests += 1;
  const content = `request ${requests} ${"word ".repeat(8)}`;
  const stream = client.chat({ model, messages: [{ role: "user", content }], maxTokens, temperature: 0 });
  for (;;) {
    const { value, done } = await stream.next();
    if (done === true) return value;
  }
}

async function eventLoopDelay(client: HearthClient): Promise<number> {
  const found = /^hearth_event_loop_delay_seconds\{quantile="0\.99"\} (\S+)$/m.exec(await client.metrics());
  if (found === null) throw new Error("the hub's metrics do not tell its event loop's delay");
  return Number(found[1]) * 1000;
}

/** A hub of its own on a free port, stopped at the end. */
class RunningHub implements AsyncDisposable {
  readonly client: HearthClient;
  readonly #process: ChildProcess;

  constructor(url: string, process: ChildProcess) {
    this.client = new HearthClient({ url });
    this.#process = process;
  }

  static async start(home: string, threads: number): Promise<RunningHub> {
    const hub = spawn(process.execPath, [launcher, "serve", "--port", "0", "--home", home, "--json"], {
      cwd: checkout,
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        ...process.env,
        HEARTH_DATA_PATHS: checkout,
        HEARTH_BUNDLED_MODELS: "0",
        HEARTH_THREADS: String(threads),
      },
    });
    for await (const line of createInterface({ input: hub.stdout })) {
      return new RunningHub((JSON.parse(line) as { url: string }).url, hub);
    }
    throw new Error("the hub ended before it answered");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await exited;
  }
}

function medians(samples: Record<string, number[]>): Record<string, number> {
  return Object.fromEntries(Object.entries(samples).map(([who, list]) => [who, median(list)]));
}

function limited(
  name: string,
  unit: string,
  samples: number[],
  target: string,
  holds: (value: number) => boolean,
): BenchRow {
  const value = median(samples);
  return { name, unit, values: { Hearth: value }, samples: { Hearth: samples }, target, held: holds(value) };
}
