import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import type { HearthClient } from "@hearth/sdk";
import type { Engine } from "../../packages/hub/src/inference/engine.ts";
import { median } from "../report.ts";
import type { ServingBench } from "./bench.ts";
import { freshPrompt, never, newEngine, request } from "./engine.ts";
import { eventLoopDelay, RunningHub } from "./hub.ts";
import { largeModel, smallModel } from "./models.ts";
import { limited, medians } from "./rows.ts";

const streams = 8;
const answerTokens = 32;
/** Requests behind each median of the time to the first token, and those before them that compile code. */
const asked = 250;
const warmUp = 50;

/** First tokens of the engine alone and through the hub in turn; then the hub's event loop under load. */
export async function measureFirstToken(bench: ServingBench): Promise<void> {
  const { runs, threads, folder, rows, notes } = bench;
  const small = await smallModel();
  const large = await largeModel();
  const firsts: Record<string, number[]> = { engine: [], hub: [] };
  const added: number[] = [];
  const delays: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await using engine = newEngine(folder, threads);
    await engine.load(small, { threads: 1, slots: streams, adapterContexts: 1 }, never);
    await using hub = await RunningHub.start(join(folder, `home-${run}`), threads);
    const { client } = hub;
    const { url } = hub;
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true }).setEncoding("utf8");
    await hub.add("small", small.basePath);
    await hub.add("large", large.basePath);
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
  rows.push(
    { name: "first token, small model", unit: "ms", values: medians(firsts), samples: firsts },
    limited("first token: what the hub adds", "ms", added, "≤ 2", (value) => value <= 2),
    limited(
      `event loop of the hub at ${streams} streams, delay p99`,
      "ms",
      delays,
      "≤ 10",
      (value) => value <= 10,
    ),
  );
  notes.push(
    `first tokens: a model of 3 million weights, ${asked} requests a run, the engine alone and the hub in turn, a bare socket as the client`,
  );
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
  const body = JSON.stringify({
    model: "small",
    messages: [{ role: "user", content: freshPrompt(8) }],
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
  const content = freshPrompt(8);
  const stream = client.chat({ model, messages: [{ role: "user", content }], maxTokens, temperature: 0 });
  for (;;) {
    const { value, done } = await stream.next();
    if (done === true) return value;
  }
}
