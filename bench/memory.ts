import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AdapterFile, Engine, LoadOptions, ModelFiles } from "../packages/hub/src/inference/engine.ts";
import { LlamaEngine } from "../packages/hub/src/inference/engines/llama/engine.ts";
import { adapterFor, modelFiles, tinyShape } from "../packages/hub/src/inference/tests/model-fixtures.ts";
import { greedy } from "../packages/hub/src/inference/verify-export.ts";
import type { DecoderShape } from "../packages/hub/src/model-files/gguf/decoder-shape.ts";
import { makeRandomModel, presets } from "./models/random-model.ts";
import { describeMachine, median, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";
import { residentBytes } from "./resident-memory.ts";

const never = new AbortController().signal;
const adapters = 2;
/** How far the estimate may be from what is measured. */
export const tolerance = 0.15;

export const shapes = {
  tiny: tinyShape,
  small: { ...tinyShape, vocabulary: 4096, dim: 256, layers: 4, headDim: 64, ffn: 768, context: 4096 },
  "0.5b": presets["0.5b"],
} as const satisfies Record<string, DecoderShape>;

export interface MemoryCase {
  shape: keyof typeof shapes;
  type: "Q8_0" | "F16";
  slots: number;
  context: number;
}

const cases: MemoryCase[] = [
  { shape: "tiny", type: "Q8_0", slots: 1, context: 512 },
  { shape: "tiny", type: "F16", slots: 8, context: 512 },
  { shape: "small", type: "Q8_0", slots: 1, context: 1024 },
  { shape: "small", type: "Q8_0", slots: 8, context: 1024 },
  { shape: "small", type: "Q8_0", slots: 8, context: 4096 },
  { shape: "0.5b", type: "Q8_0", slots: 1, context: 1024 },
  { shape: "0.5b", type: "Q8_0", slots: 1, context: 8192 },
  { shape: "0.5b", type: "Q8_0", slots: 8, context: 1024 },
  { shape: "0.5b", type: "Q8_0", slots: 8, context: 4096 },
];

/** Memory: what an engine's estimate says against what its process holds, without adapters and with two. */
export async function benchMemory({ runs, quick }: BenchOptions): Promise<BenchReport> {
  const folder = await mkdtemp(join(tmpdir(), "hearth-memory-"));
  try {
    const rows: BenchRow[] = [];
    for (const one of cases) {
      if (quick === true && one.shape === "0.5b") continue;
      for (const withAdapters of [false, true]) rows.push(await measured(one, withAdapters, folder, runs));
    }
    return {
      bench: "memory",
      machine: describeMachine(),
      rows,
      notes: [
        "resident memory of the engine's process after answers in every slot; mapped weights count once they were read",
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measured(
  one: MemoryCase,
  withAdapters: boolean,
  folder: string,
  runs: number,
): Promise<BenchRow> {
  const samples: number[] = [];
  let estimated = 0;
  for (let run = 0; run < runs; run++) {
    const outcome = await measureMemory(one, withAdapters ? adapters : 0, folder);
    samples.push(outcome.residentBytes / 1e6);
    estimated = outcome.estimatedBytes / 1e6;
  }
  const resident = median(samples);
  return {
    name: `${one.shape} ${one.type}, ${one.slots} slots, context ${one.context}${withAdapters ? `, ${adapters} adapters` : ""}`,
    unit: "MB",
    values: { estimated, resident },
    samples: { resident: samples },
    target: `within ${tolerance * 100} %`,
    held: Math.abs(estimated / resident - 1) <= tolerance,
  };
}

/** Loads a model in a process of its own, uses every part of it, and reads what the process holds. */
export async function measureMemory(
  { shape, type, slots, context }: MemoryCase,
  adapterContexts: number,
  folder: string,
): Promise<{ estimatedBytes: number; residentBytes: number }> {
  const model = await keptModel(shape, type, folder);
  const options: LoadOptions = { threads: 2, slots, contextSize: context, adapterContexts };
  await using engine = new LlamaEngine({
    threads: 2,
    logFile: join(folder, "engine.log"),
    timeoutMs: 300_000,
  });
  await engine.load(model, options, never);
  const used: (AdapterFile | null)[] = [null];
  for (let index = 0; index < adapterContexts; index++)
    used.push(await adapterFor(join(folder, `${shape}-${index}.gguf`), shapes[shape], index + 1));
  for (const adapter of used)
    await Promise.all(
      Array.from({ length: slots }, (_, index) => ask(engine, `${index} of the slots`, adapter)),
    );
  return {
    estimatedBytes: engine.estimate(model, options).totalBytes,
    residentBytes: residentBytes(engine.pid ?? 0),
  };
}

async function keptModel(
  shape: MemoryCase["shape"],
  type: MemoryCase["type"],
  folder: string,
): Promise<ModelFiles> {
  const path = join(folder, `${shape}-${type}.gguf`);
  try {
    return await modelFiles(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  await makeRandomModel(path, { preset: shapes[shape], type, seed: 1 });
  return await modelFiles(path);
}

async function ask(engine: Engine, text: string, adapter: AdapterFile | null): Promise<void> {
  const request = { id: crypto.randomUUID(), prompt: { kind: "text" as const, text }, adapter };
  const events = engine.generate({ ...request, maxTokens: 4, stop: [], sampling: greedy }, never);
  for await (const event of events) if (event.type === "done") return;
}
