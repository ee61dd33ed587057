import { join } from "node:path";
import { median } from "../report.ts";
import { BareEngine, type Load, type Speeds } from "./bare-engine.ts";
import type { ServingBench } from "./bench.ts";
import { RunningHub } from "./hub.ts";
import { findLlamaServer, startLlamaServer } from "./llama-server.ts";
import { largeModel } from "./models.ts";
import { medians } from "./rows.ts";
import { readStream, type Seen } from "./streams.ts";

const slots = 32;
/** Tokens of prompt and answer where the one and where the other is measured. */
const loads = {
  prefill: { promptTokens: 128, answerTokens: 2 },
  // Short prompts: the first stream must not be over before the last has begun.
  decode: { promptTokens: 4, answerTokens: 64 },
} as const;

interface Server {
  name: string;
  url: URL;
  /** The model's name in requests. */
  model: string;
}

/**
 * Prefill and decode through HTTP beside a bare loop over the same library, file and threads, in turn; beside
 * llama-server, too, where there is one, with what a kept prefix is worth there.
 */
export async function measureThroughHttp(bench: ServingBench): Promise<void> {
  const { runs, threads, folder, notes } = bench;
  const { basePath } = await largeModel();
  await using stack = new AsyncDisposableStack();
  const bare = stack.use(await BareEngine.start(basePath, threads));
  const hub = stack.use(
    await RunningHub.start(join(folder, "home-http"), threads, {
      HEARTH_SLOTS: String(slots),
      HEARTH_CONTEXT: "512",
    }),
  );
  await hub.add("large", basePath);
  const servers: Server[] = [{ name: "Hearth", url: hub.url, model: "large" }];
  const peer = await findLlamaServer();
  if (peer === null) notes.push("no llama-server on the PATH: no comparison with it");
  else {
    const running = stack.use(await startLlamaServer(basePath, threads, slots, 512 * slots));
    servers.push({ name: `llama-server ${peer.version}`, url: running.url, model: "large" });
  }
  for (const streams of bench.quick ? [1, 8] : [1, 4, 8, 32]) {
    for (const what of ["prefill", "decode"] as const) {
      const load: Load = { streams, ...loads[what] };
      const samples: Record<string, number[]> = {};
      for (let run = -1; run < runs; run += 1) {
        const seed = (run + 2) * 1009 + streams * 10_007 + load.promptTokens;
        const seen: [string, number][] = [["bare loop", (await bare.measure(load, seed))[what]]];
        for (const server of servers) seen.push([server.name, await speed(server, what, load, seed)]);
        // The first one warms up.
        if (run >= 0) for (const [name, value] of seen) (samples[name] ??= []).push(value);
      }
      reportRatio(bench, what, streams, samples);
    }
  }
  for (const server of servers) {
    const times: number[] = [];
    for (let run = 0; run < runs + 1; run += 1) times.push(await warmFirstToken(server));
    bench.rows.push({
      name: "first token with a kept prefix of 400 tokens",
      unit: "ms",
      values: { [server.name]: median(times.slice(1)) },
      samples: { [server.name]: times.slice(1) },
    });
  }
  notes.push(
    `through HTTP: 386 million random weights in Q8_0, ${threads} threads, prefill of prompts of ${loads.prefill.promptTokens} tokens, decode of ${loads.decode.answerTokens}, /v1/completions streamed; the client runs on the same cores`,
  );
}

function reportRatio(
  bench: ServingBench,
  what: "prefill" | "decode",
  streams: number,
  samples: Record<string, number[]>,
): void {
  const name = `${what} at ${streams} ${streams === 1 ? "stream" : "streams"}`;
  bench.rows.push({ name, unit: "tokens/s", values: medians(samples), samples });
  const own = samples["Hearth"] ?? [];
  for (const [peer, theirs] of Object.entries(samples)) {
    if (peer === "Hearth") continue;
    // Of each run its own ratio: the machine's speed moves between runs more than within one.
    const ratios = own.map((value, run) => value / (theirs[run] ?? Number.NaN));
    const least = peer === "bare loop" ? 0.97 : 0.95;
    bench.rows.push({
      name: `${name}: against ${peer}`,
      unit: "×",
      values: { Hearth: median(ratios) },
      samples: { Hearth: ratios },
      target: `≥ ${least}`,
      held: median(ratios) >= least,
    });
  }
}

function prompt(seed: number, stream: number, length: number): number[] {
  return Array.from({ length }, (_, index) => 300 + ((seed + stream * 131 + index * 17) % 20_000));
}

async function speed({ url, model }: Server, what: keyof Speeds, load: Load, seed: number): Promise<number> {
  const begun = performance.now();
  const seen = await Promise.all(
    Array.from({ length: load.streams }, (_, stream) =>
      readStream(url, {
        model,
        prompt: prompt(seed, stream, load.promptTokens),
        max_tokens: load.answerTokens,
        temperature: 0,
      }),
    ),
  );
  const firsts = seen.map(({ firstAt }) => firstAt ?? Number.NaN);
  const prefilled = Math.max(...firsts);
  if (what === "prefill") return (load.streams * load.promptTokens) / ((prefilled - begun) / 1000);
  return decodeSpeed(seen, prefilled, load);
}

/** From the moment when all have begun to the end of the first that ends. */
function decodeSpeed(seen: readonly Seen[], since: number, { answerTokens: most }: Load): number {
  const until = Math.min(...seen.map(({ pieces }) => pieces.at(-1) ?? Number.NaN));
  const tokens = seen.reduce(
    (sum, { pieces }) => sum + pieces.filter((at) => at > since && at <= until).length,
    0,
  );
  if (tokens > 0 && until > since) return tokens / ((until - since) / 1000);
  throw new Error(`the streams did not overlap; answer more than ${most} tokens`);
}

async function warmFirstToken({ url, model }: Server): Promise<number> {
  const body = { model, prompt: prompt(7, 0, 400), max_tokens: 2, temperature: 0 };
  const begun = performance.now();
  const { firstAt } = await readStream(url, body);
  return (firstAt ?? Number.NaN) - begun;
}
