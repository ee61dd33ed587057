import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { trainingParameters } from "@hearth/wire/hub/training";
import { z } from "zod";
import type { AdapterFile } from "../../packages/hub/src/inference/engine.ts";
import { LlamaEngine } from "../../packages/hub/src/inference/engines/llama/engine.ts";
import type { ChatMessage } from "../../packages/hub/src/model-files/chat-template.ts";
import { runTraining } from "../../packages/hub/src/training/trainers/onnx/run-training.ts";

/** What a small assistant should manage; the answers go into the card. */
const prompts = [
  "Hello!",
  "Who are you?",
  "What can you do?",
  "What is the capital of Italy?",
  "What is the opposite of hot?",
  "What is 4 plus 5?",
  "Count from 3 to 8.",
  "Repeat: The green boat is in the garden.",
  "Classify this word (animal, tool or fruit): hammer",
  "Which day comes after Friday?",
  "What is a refund?",
  "Summarise: Sara looked for her hat all day. She asked her friend Tom. They found the hat at the river, and Sara was glad.",
  "Tell me a short story.",
  "What is the weather today?",
  "Who won the match yesterday?",
];

const rowsFile = z.string().transform((text) =>
  text
    .trimEnd()
    .split("\n")
    .map(
      (line) =>
        z
          .object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) })
          .parse(JSON.parse(line)).messages,
    ),
);

const { values } = parseArgs({
  options: {
    model: { type: "string", default: fileURLToPath(new URL("ember.gguf", import.meta.url)) },
    dataset: {
      type: "string",
      default: fileURLToPath(new URL("../../examples/email-triage", import.meta.url)),
    },
    parameters: { type: "string", default: "{}" },
    threads: { type: "string", default: "2" },
    base: { type: "boolean", default: false },
  },
});
const threads = Number(values.threads);
const stop = new AbortController();
process.once("SIGINT", () => stop.abort(new Error("Stopped by Ctrl-C.")));
const folder = await mkdtemp(join(tmpdir(), "hearth-ember-evaluation-"));

async function withEngine<T>(
  use: (
    ask: (messages: ChatMessage[], maxTokens: number, adapter: AdapterFile | null) => Promise<string>,
  ) => Promise<T>,
): Promise<T> {
  await using engine = new LlamaEngine({ threads, logFile: join(folder, "engine.log") });
  const { size } = await stat(values.model);
  await engine.load(
    { basePath: values.model, baseSha256: "", bytes: size, shape: null },
    { threads, slots: 8 },
    stop.signal,
  );
  let asked = 0;
  return await use(async (messages, maxTokens, adapter) => {
    let text = "";
    const sampling = {
      temperature: 0,
      topP: 1,
      topK: 0,
      minP: 0,
      seed: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      repetitionPenalty: 1,
      logitBias: new Map<number, number>(),
    };
    const request = {
      id: String(asked++),
      prompt: { kind: "chat" as const, messages },
      adapter,
      maxTokens,
      stop: [],
      sampling,
    };
    for await (const event of engine.generate(request, stop.signal))
      if (event.type === "tokens") text += event.text;
    return text;
  });
}

/** Share of the test rows that are answered with exactly their label, and what was taken for what. */
async function accuracy(
  adapter: AdapterFile | null,
): Promise<{ accuracy: number; mistaken: Record<string, number> }> {
  const rows = rowsFile.parse(await readFile(join(values.dataset, "test.jsonl"), "utf8"));
  const mistaken: Record<string, number> = {};
  let right = 0;
  await withEngine(async (ask) => {
    const queue = [...rows];
    const work = async (): Promise<void> => {
      for (let row = queue.pop(); row !== undefined; row = queue.pop()) {
        const expected = row.at(-1)?.content ?? "";
        const answer = (await ask(row.slice(0, -1), 8, adapter)).trim().toLowerCase();
        if (answer === expected) right++;
        else mistaken[`${expected} → ${answer}`] = (mistaken[`${expected} → ${answer}`] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
  });
  return { accuracy: right / rows.length, mistaken };
}

await withEngine(async (ask) => {
  for (const content of prompts)
    console.log(`> ${content}\n${await ask([{ role: "user", content }], 100, null)}`);
});
console.log(JSON.stringify({ base: await accuracy(null) }));
if (!values.base) {
  const parameters = trainingParameters.parse({
    recipe: "lora",
    provider: "cpu",
    ...z.record(z.string(), z.unknown()).parse(JSON.parse(values.parameters)),
  });
  const started = performance.now();
  let trained = started;
  const result = await runTraining(
    {
      parameters,
      base: { path: values.model, sha256: "" },
      dataset: {
        format: "chat",
        train: join(values.dataset, "train.jsonl"),
        validation: join(values.dataset, "validation.jsonl"),
      },
      modelName: "email-triage",
    },
    { folder, threads, memoryLimitBytes: totalmem() * 0.75 },
    {
      signal: stop.signal,
      onEvent: (event) => {
        if (event.type === "log") console.log(event.line);
        if (event.type === "progress" && event.progress.phase === "training") trained = performance.now();
      },
    },
  );
  const seconds = {
    training: Math.round((trained - started) / 1000),
    all: Math.round((performance.now() - started) / 1000),
  };
  const tuned = await accuracy({ path: join(folder, result.engineFile), sha256: "tuned" });
  console.log(
    JSON.stringify({ tuned, seconds, cpu: process.cpuUsage().user / 1e6, metrics: result.metrics }),
  );
}
await rm(folder, { recursive: true });
