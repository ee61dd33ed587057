import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { HearthClient } from "@hearth/sdk";
import type { JobsBench } from "../jobs.ts";
import { median } from "../report.ts";
import { RunningHub } from "../serving/hub.ts";
import { trainable } from "./trainable.ts";

const ways = ["no job", "off", "slow", "pause"] as const;
const answerTokens = 128;
/** ms; a step that was begun before the first question is over by then. */
const warmUpMs = 8_000;

interface Figures {
  firstMs: number;
  tokensPerSecond: number;
  stepsPerSecond: number;
}

/** Answers while a job runs: their first token and their speed by how the job yields, and the job's own speed meanwhile. */
export async function measureYield({ runs, quick, folder, rows, notes }: JobsBench): Promise<void> {
  const asked = quick ? 5 : 15;
  const found = new Map<string, Figures[]>(ways.map((way) => [way, []]));
  for (let run = 0; run < runs; run++)
    for (const way of run % 2 === 0 ? ways : ways.toReversed())
      found.get(way)?.push(await measure(way, join(folder, `yield-${way}-${run}`), folder, asked));
  const row = (name: string, unit: string, figure: (one: Figures) => number) => {
    const samples = Object.fromEntries([...found].map(([way, list]) => [way, list.map(figure)]));
    const values = Object.fromEntries(Object.entries(samples).map(([way, list]) => [way, median(list)]));
    return { name, unit, values, samples };
  };
  const first = row("first token while a job runs", "ms", ({ firstMs }) => firstMs);
  const speed = row("tokens of an answer while a job runs", "tokens/s", (one) => one.tokensPerSecond);
  const slow = (values: Record<string, number>) => values["slow"] ?? Number.NaN;
  const off = (values: Record<string, number>) => values["off"] ?? Number.NaN;
  rows.push(
    { ...first, target: "slow < off", held: slow(first.values) < off(first.values) },
    { ...speed, target: "slow > off", held: slow(speed.values) > off(speed.values) },
    row("steps of the job while people wait", "steps/s", (one) => one.stepsPerSecond),
  );
  notes.push(
    `yield: ${asked} answers of ${answerTokens} tokens, one after the other, from the model that a LoRA job trains on; 2 threads`,
  );
}

async function measure(
  way: (typeof ways)[number],
  home: string,
  folder: string,
  asked: number,
): Promise<Figures> {
  await using hub = await RunningHub.start(home, 2, {
    HEARTH_DATA_PATHS: folder,
    HEARTH_SPARE_ENGINE: "0",
    HEARTH_TRAINING_YIELD: way === "no job" ? "off" : way,
  });
  const { client } = hub;
  const request = await trainable(client, folder, "small");
  let job: string | null = null;
  if (way !== "no job") {
    job = (await client.jobs.create({ ...request, epochs: 1000, batch_size: 2 })).id;
    await untilStep(client, job, 3);
  }
  const firsts: number[] = [];
  const speeds: number[] = [];
  const begun = performance.now();
  for (let count = -1; performance.now() - begun < warmUpMs; count--) await answer(client, count);
  const [before, since] = [await stepOf(client, job), performance.now()];
  for (let count = 0; count < asked; count++) {
    const { firstMs, tokensPerSecond } = await answer(client, count);
    firsts.push(firstMs);
    speeds.push(tokensPerSecond);
  }
  const seconds = (performance.now() - since) / 1000;
  // What was reported last may be half a second old.
  await delay(500);
  const stepsPerSecond = ((await stepOf(client, job)) - before) / (seconds + 0.5);
  if (job !== null) await client.jobs.cancel(job);
  return { firstMs: median(firsts), tokensPerSecond: median(speeds), stepsPerSecond };
}

async function untilStep(client: HearthClient, id: string, step: number): Promise<void> {
  for await (const event of client.jobs.events(id)) {
    if (event.type === "progress" && event.progress.step >= step) return;
    if (event.type === "status" && event.job.error !== null) throw new Error(event.job.error.message);
  }
  throw new Error(`the job ended before step ${step}`);
}

async function stepOf(client: HearthClient, id: string | null): Promise<number> {
  return id === null ? 0 : ((await client.jobs.get(id)).progress?.step ?? 0);
}

async function answer(client: HearthClient, count: number): Promise<Omit<Figures, "stepsPerSecond">> {
  const started = performance.now();
  let first = 0;
  let pieces = 0;
  const prompt = `${count} what is it ${"and why ".repeat(20)}`;
  for await (const text of client.inference.stream({
    model_id: "base",
    prompt,
    max_tokens: answerTokens,
    temperature: 0,
  })) {
    if (first === 0) first = performance.now();
    else if (text !== "") pieces += 1;
  }
  if (first === 0) throw new Error("the model answered nothing");
  return {
    firstMs: first - started,
    tokensPerSecond: (1000 * pieces) / Math.max(1, performance.now() - first),
  };
}
