import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { HearthApiError, type HearthClient } from "@hearth/sdk";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { ModelVersion } from "@hearth/wire/hub/models";
import type { TrainingJob } from "@hearth/wire/hub/training";
import OpenAI from "openai";
import { describeProgress } from "../../packages/hub/src/cli/follow-job.ts";
import type { RunStage } from "./demo.ts";

/** What happened, as figures. Nothing in here is a constant. */
export interface Outcome {
  dataset: Dataset;
  job: TrainingJob;
  version: ModelVersion;
  loss: { first: number; last: number };
  accuracy: { base: number; tuned: number };
  answer: { question: string; text: string; expected: string; ttftMs: number; tokensPerSecond: number };
  trainTokensPerSecond: number;
  memoryBytes: number;
  traces: number;
}

const MODEL = "email-triage";
const BASE = "ember";
/** What the tuned version must reach on the test split to become champion. */
const GATE = "accuracy>=0.9";
const dataFolder = fileURLToPath(new URL("../email-triage", import.meta.url));

interface Tools {
  stage: RunStage;
  signal: AbortSignal;
}

/** Register → train → version → evaluate → promote → serve → monitor. */
export async function runMainJob(client: HearthClient, { stage, signal }: Tools): Promise<Outcome> {
  const dataset = await stage(
    "register model and dataset",
    async (bar) => {
      await starterModel(client, signal);
      bar.update(0.4, BASE);
      await client.models.create({ name: MODEL, task_type: "classification", base_model: BASE }, { signal });
      bar.update(0.7, MODEL);
      return client.datasets.create({ name: MODEL, path: dataFolder }, { signal });
    },
    (found) => `${found.rows} rows, sha256 ${found.checksum}`,
  );

  const job = await stage(
    "train a LoRA adapter",
    async (bar) => {
      const queued = await client.jobs.create(
        { model_id: MODEL, dataset_id: dataset.id, recipe: "lora" },
        { signal },
      );
      for await (const event of client.jobs.events(queued.id, { signal })) {
        if (event.type !== "progress") continue;
        const { step, steps } = event.progress;
        bar.update(steps === 0 ? 0 : step / steps, describeProgress(event.progress));
      }
      const finished = await client.jobs.get(queued.id, { signal });
      if (finished.status !== "completed")
        throw new Error(`the job is ${finished.status}: ${finished.error?.message ?? ""}`);
      return finished;
    },
    (finished) => (finished.progress ? describeProgress(finished.progress) : ""),
  );

  const version = await client.models.resolve(`${MODEL}:${job.version}`, { signal });
  requireLineage(version);
  const base = await stage(
    "evaluate the base",
    (bar) => evaluate(client, BASE, dataset, bar, signal),
    percent,
  );
  const tuned = await stage(
    "evaluate the tuned version",
    (bar) => evaluate(client, `${MODEL}:${job.version}`, dataset, bar, signal),
    percent,
  );
  await stage(
    "promote through the gate",
    async () => {
      const result = await client.models.promote(
        MODEL,
        { version: job.version, alias: "champion", require: [GATE] },
        { signal },
      );
      if (!result.promoted) throw new Error(result.checks.map((check) => check.reason).join("; "));
      return result;
    },
    () => GATE,
  );

  const answer = await stage(
    "ask it as an OpenAI client",
    () => ask(client.url, signal),
    (got) => `"${got.text}" after ${got.ttftMs.toFixed(0)} ms`,
  );
  if (answer.text.trim().toLowerCase() === "") throw new Error("the served model answered with nothing");

  const { traces, memoryBytes } = await stage("read the metrics", () => monitor(client, signal));
  const { first_loss: first, last_loss: last, tokens_per_second: speed } = version.metrics;
  return {
    dataset,
    job,
    version,
    loss: { first: known(first, "first_loss"), last: known(last, "last_loss") },
    accuracy: { base, tuned },
    answer,
    trainTokensPerSecond: known(speed, "tokens_per_second"),
    memoryBytes,
    traces,
  };
}

/** The hub registers its bundled starter model in the background: it is there within moments. */
async function starterModel(client: HearthClient, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await client.models.resolve(BASE, { signal });
      return;
    } catch (error) {
      const notYet = error instanceof HearthApiError && ["not_found", "conflict"].includes(error.code);
      if (!notYet || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function evaluate(
  client: HearthClient,
  model: string,
  dataset: Dataset,
  bar: { update(fraction: number, note?: string): void },
  signal: AbortSignal,
): Promise<number> {
  const evaluation = await client.evaluations.run(
    { model, dataset: dataset.id, split: "test" },
    { signal, onProgress: (done, total) => bar.update(done / total, `${done}/${total}`) },
  );
  return known(evaluation.metrics.accuracy, "accuracy");
}

/** The first e-mail of the test split, asked by its model name through the official client. */
async function ask(url: string, signal: AbortSignal): Promise<Outcome["answer"]> {
  const [row] = (await readFile(`${dataFolder}/test.jsonl`, "utf8")).split("\n", 1);
  const { messages } = JSON.parse(row ?? "") as {
    messages: { role: "system" | "user" | "assistant"; content: string }[];
  };
  const question = messages.filter(({ role }) => role !== "assistant");
  const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none needed on loopback" });
  const started = performance.now();
  const stream = await openai.chat.completions.create(
    {
      model: MODEL,
      messages: question,
      temperature: 0,
      max_tokens: 16,
      stream: true,
      stream_options: { include_usage: true },
    },
    { signal },
  );
  let text = "";
  let first = 0;
  let tokens = 0;
  for await (const chunk of stream) {
    const piece = chunk.choices[0]?.delta.content ?? "";
    if (piece !== "") first ||= performance.now();
    text += piece;
    tokens = chunk.usage?.completion_tokens ?? tokens;
  }
  const end = performance.now();
  return {
    question: question.at(-1)?.content ?? "",
    expected: messages.at(-1)?.content ?? "",
    text,
    ttftMs: (first || end) - started,
    tokensPerSecond: first && end > first ? (1000 * Math.max(0, tokens - 1)) / (end - first) : 0,
  };
}

/** Reads what the hub says of itself: the answers must show in its metrics. */
async function monitor(
  client: HearthClient,
  signal: AbortSignal,
): Promise<{ traces: number; memoryBytes: number }> {
  const text = await client.metrics({ signal });
  const answers = [...text.matchAll(/^hearth_inference_requests_total\{[^}]*\} (\d+)/gm)];
  const traces = answers.reduce((sum, match) => sum + Number(match[1]), 0);
  if (traces === 0) throw new Error("/metrics counts no answer");
  const status = await client.status({ signal });
  const engines = status.engines.reduce((sum, engine) => sum + engine.memory_bytes, 0);
  return { traces, memoryBytes: status.memory.hub_bytes + engines };
}

function requireLineage(version: ModelVersion): void {
  const { lineage } = version;
  const missing = Object.entries({
    dataset: lineage.dataset,
    base: lineage.base,
    run: lineage.run_id,
    recipe: lineage.recipe,
  })
    .filter(([, value]) => value === null)
    .map(([name]) => name);
  if (version.status !== "ready" || version.sha256 === null)
    throw new Error(`${version.model}:${version.version} is ${version.status}`);
  if (missing.length > 0) throw new Error(`the lineage lacks ${missing.join(", ")}`);
}

function known(value: number | undefined, name: string): number {
  if (value === undefined) throw new Error(`the hub reports no ${name}`);
  return value;
}

function percent(accuracy: number): string {
  return `accuracy ${(100 * accuracy).toFixed(1)} %`;
}
