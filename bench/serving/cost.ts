import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServingBench } from "./bench.ts";
import { RunningHub } from "./hub.ts";
import { smallModel } from "./models.ts";
import { limited } from "./rows.ts";
import { readStream } from "./streams.ts";

const streams = 8;
const long = 129;
/** Of Linux's clock in /proc; the same on every machine that people have. */
const tickMs = 10;

/**
 * Processor time of the hub's own process, its engine left out, for a streamed token and for a request, from
 * answers of one token and of many.
 */
export async function measureCost({ runs, quick, folder, rows, notes }: ServingBench): Promise<void> {
  if (process.platform !== "linux") {
    notes.push("the hub's own cost is only measured on Linux");
    return;
  }
  const { basePath } = await smallModel();
  await using hub = await RunningHub.start(join(folder, "home-cost"), 1);
  await hub.add("small", basePath);
  const requests = quick ? 100 : 400;
  const perToken: number[] = [];
  const perRequest: number[] = [];
  await cost(hub, requests, long);
  for (let run = 0; run < runs; run += 1) {
    const short = await cost(hub, requests * 4, 1);
    const many = await cost(hub, requests, long);
    const token = (many.micros - short.micros) / (many.tokens - short.tokens);
    perToken.push(token);
    perRequest.push((short.micros - token) / 1000);
  }
  rows.push(
    limited("hub's own time per token", "µs", perToken, "≤ 60", (value) => value <= 60),
    limited("hub's own time per request", "ms", perRequest, "≤ 1.5", (value) => value <= 1.5),
  );
  notes.push(
    `cost: processor time of the hub's process, ${streams} streams at once, answers of 1 and of ${long} tokens`,
  );
}

/** µs of the hub's processor time that one request took, and how many tokens it gave. */
async function cost(
  hub: RunningHub,
  requests: number,
  maxTokens: number,
): Promise<{ micros: number; tokens: number }> {
  const before = processorMs(hub.pid);
  let left = requests;
  let tokens = 0;
  await Promise.all(
    Array.from({ length: streams }, async () => {
      while (left > 0) {
        left -= 1;
        const { status, body, pieces } = await readStream(hub.url, {
          model: "small",
          prompt: `request ${left}`,
          max_tokens: maxTokens,
          temperature: 0,
        });
        if (status !== 200) throw new Error(`the hub refused a request: ${body}`);
        tokens += pieces.length;
      }
    }),
  );
  return { micros: ((processorMs(hub.pid) - before) * 1000) / requests, tokens: tokens / requests };
}

/** Processor time that a process has taken since its start, where there is /proc. */
export function processorMs(pid: number): number {
  // The name in parentheses before the fields may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
