import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Engine } from "../../packages/hub/src/inference/engine.ts";
import type { ServingBench } from "./bench.ts";
import { never, newEngine, request } from "./engine.ts";
import { largeModel } from "./models.ts";
import { limited, medians } from "./rows.ts";

const streams = 8;
const answerTokens = 32;
/** The timer of the event loop's delay runs this often; what is beyond it is delay. */
const resolutionMs = 10;

/** Decode speed of the engine by itself at one stream and at eight, and how late its owner's event loop runs. */
export async function measureDecode({ runs, threads, folder, rows, notes }: ServingBench): Promise<void> {
  const model = await largeModel();
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
  rows.push(
    {
      name: "decode, all streams together",
      unit: "tokens/s",
      values: medians(speeds),
      samples: speeds,
    },
    limited(`${streams} streams against one`, "×", ratios, "≥ 1.9", (value) => value >= 1.9),
    limited("event loop of the engine's owner, delay p99", "ms", delays, "≤ 10", (value) => value <= 10),
  );
  notes.push(
    `decode: 386 million random weights in Q8_0, ${answerTokens} tokens a stream, ${threads} threads; other work on the machine halves it and worse`,
  );
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
