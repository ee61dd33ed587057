import { join } from "node:path";
import type { ServingBench } from "./bench.ts";
import { RunningHub } from "./hub.ts";
import { limited } from "./rows.ts";
import { readStream } from "./streams.ts";

/** From the end of ember's engine by `kill -9`, in the middle of a stream, to the whole answer of the next request. */
export async function measureRecovery({ runs, threads, folder, rows }: ServingBench): Promise<void> {
  await using hub = await RunningHub.start(join(folder, "home-recovery"), threads, {
    HEARTH_BUNDLED_MODELS: "1",
  });
  await hub.hasModels();
  const ask = (maxTokens: number, text: string, begun?: () => void) =>
    readStream(
      hub.url,
      { model: "ember", prompt: text, max_tokens: maxTokens, temperature: 0 },
      (sent) => void (begun && sent.once("response", begun)),
    );
  const times: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await ask(1, `before ${run}`);
    const [engine] = (await hub.client.status()).engines;
    const begun = Promise.withResolvers<void>();
    const stream = ask(400, `go on ${run}`, () => begun.resolve()).then(
      () => "ended",
      () => "failed",
    );
    await Promise.race([begun.promise, stream]);
    const since = performance.now();
    process.kill(engine?.pid ?? 0, "SIGKILL");
    const next = await ask(1, `after ${run}`);
    times.push((performance.now() - since) / 1000);
    if (next.status !== 200) throw new Error(`the request after the kill was refused: ${next.body}`);
    await stream;
  }
  rows.push(limited("answered again after kill -9 of the engine", "s", times, "≤ 3", (value) => value <= 3));
}
