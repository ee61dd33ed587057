import { join } from "node:path";
import { residentBytes } from "../resident-memory.ts";
import type { ServingBench } from "./bench.ts";
import { eventLoopDelay, RunningHub } from "./hub.ts";
import { limited } from "./rows.ts";
import { readStream, type Seen } from "./streams.ts";

const answerTokens = 16;

/** A thousand streams at once on ember: who is answered, who is refused, how late the hub runs, what it keeps. */
export async function measureCrowd({ runs, quick, folder, rows, notes }: ServingBench): Promise<void> {
  const callers = quick ? 200 : 1000;
  await using hub = await RunningHub.start(join(folder, "home-crowd"), 1, { HEARTH_BUNDLED_MODELS: "1" });
  await hub.hasModels();
  const round = () =>
    Promise.all(
      Array.from({ length: callers }, (_, caller) =>
        readStream(hub.url, {
          model: "ember",
          prompt: `caller ${caller} says`,
          max_tokens: answerTokens,
          // Callers of one machine, each with its own share of the queue.
          user: `caller-${caller % 50}`,
        }),
      ),
    );
  await round();
  const after: number[] = [];
  const delays: number[] = [];
  const answered: number[] = [];
  const improper: number[] = [];
  for (let run = 0; run < Math.max(2, runs); run += 1) {
    const seen = await round();
    answered.push(seen.filter(({ status }) => status === 200).length);
    improper.push(seen.filter((one) => !isProper(one)).length);
    delays.push(await eventLoopDelay(hub.client));
    after.push(residentBytes(hub.pid) / 1e6);
  }
  const growth = after.map((value) => value - (after[0] ?? 0));
  rows.push(
    {
      name: `${callers} streams at once: answered`,
      unit: "of them",
      values: { Hearth: answered[0] ?? 0 },
      samples: { Hearth: answered },
    },
    limited(
      "neither answered nor refused with 429 or 503",
      "streams",
      improper,
      "= 0",
      (value) => value === 0,
    ),
    limited("event loop of the hub meanwhile, delay p99", "ms", delays, "≤ 30", (value) => value <= 30),
    limited(
      "memory of the hub after each round, over the first",
      "MB",
      growth.slice(1),
      "≤ 10",
      (value) => value <= 10,
    ),
  );
  notes.push(`crowd: ember, ${answerTokens} tokens each, ${callers} connections opened at once`);
}

/** Whole, or refused in a way that says when to come again. */
function isProper({ status, pieces, retryAfter, body }: Seen): boolean {
  if (status === 200) return pieces.length > 0;
  return (status === 429 || status === 503) && retryAfter !== null && body.includes('"error"');
}
