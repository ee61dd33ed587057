import type { ClientRequest } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ServingBench } from "./bench.ts";
import { RunningHub } from "./hub.ts";
import { largeModel } from "./models.ts";
import { limited } from "./rows.ts";
import { readStream } from "./streams.ts";

const promptTokens = 1500;

/** From a client that goes away while its long prompt is taken in, to an engine that is free for the next one. */
export async function measureAbort({ runs, threads, folder, rows, notes }: ServingBench): Promise<void> {
  const { basePath } = await largeModel();
  await using hub = await RunningHub.start(join(folder, "home-abort"), threads, {
    HEARTH_SLOTS: "1",
    HEARTH_CONTEXT: "2048",
  });
  await hub.add("large", basePath);
  const ask = (seed: number, length: number, sent: (request: ClientRequest) => void = () => {}) =>
    readStream(
      hub.url,
      {
        model: "large",
        prompt: Array.from({ length }, (_, index) => 300 + ((seed * 7919 + index * 17) % 20_000)),
        max_tokens: 1,
      },
      sent,
    );
  await ask(0, 8);
  const times: number[] = [];
  for (let run = 0; run < runs * 3; run += 1) {
    const alone = performance.now();
    await ask(1000 + run, 4);
    const itself = performance.now() - alone;
    let request: ClientRequest | undefined;
    const gone = ask(run + 1, promptTokens, (sent) => (request = sent)).then(
      () => false,
      () => true,
    );
    await delay(400);
    const since = performance.now();
    request?.destroy();
    // The only slot is free again when this one is answered; what it takes by itself is taken off.
    await ask(2000 + run, 4);
    if (!(await gone)) throw new Error("the long prompt was answered before it was given up");
    times.push(Math.max(0, performance.now() - since - itself));
  }
  rows.push(limited("abort seen by the engine", "ms", times, "≤ 300", (value) => value <= 300));
  notes.push(
    `abort: ${promptTokens} prompt tokens on their way into the only slot; measured by the next request`,
  );
}
