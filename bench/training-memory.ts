import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { DecoderShape } from "../packages/hub/src/model-files/gguf/decoder-shape.ts";
import { inheritedEnvironment } from "../packages/hub/src/process/environment.ts";
import { trainerEnvironment } from "../packages/hub/src/training/trainers/onnx/process-environment.ts";
import { presets } from "./models/random-model.ts";
import { describeMachine, median, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";

/** How far the estimate may be from what is measured. */
export const tolerance = 0.2;

const sized = (sizes: Partial<DecoderShape>): DecoderShape => ({ ...presets.tiny, context: 2048, ...sizes });
const shapes = {
  "0.3M": sized({ layers: 4, ffn: 256 }),
  "2.85M": sized({ dim: 192, layers: 7, heads: 6, headDim: 32, ffn: 512 }),
  "10M": sized({ vocabulary: 2048, dim: 320, layers: 8, heads: 10, kvHeads: 5, headDim: 32, ffn: 896 }),
  "30M": sized({ vocabulary: 4096, dim: 512, layers: 9, heads: 8, kvHeads: 4, headDim: 64, ffn: 1408 }),
  "0.1B": sized({ vocabulary: 32_000, dim: 768, layers: 12, heads: 12, kvHeads: 4, headDim: 64, ffn: 2048 }),
  "0.5B": presets["0.5b"],
  "vocabulary 152k": sized({ vocabulary: 151_936, dim: 256, headDim: 64, ffn: 512 }),
} as const satisfies Record<string, DecoderShape>;

export interface MemoryCase {
  readonly shape: keyof typeof shapes;
  /** Of the base of an adapter; absent: all weights are trained. */
  readonly type?: "F32" | "F16" | "Q8_0" | "Q4_K_M";
  readonly batchSize: number;
  readonly lengths: readonly number[];
  readonly recompute?: true;
}

const cases: readonly MemoryCase[] = [
  { shape: "0.3M", batchSize: 8, lengths: [128] },
  { shape: "2.85M", batchSize: 8, lengths: [128] },
  { shape: "2.85M", batchSize: 8, lengths: [128], recompute: true },
  { shape: "2.85M", batchSize: 8, lengths: [64, 128] },
  { shape: "10M", batchSize: 8, lengths: [128] },
  { shape: "10M", batchSize: 8, lengths: [128], recompute: true },
  { shape: "30M", batchSize: 4, lengths: [128] },
  { shape: "2.85M", type: "F32", batchSize: 8, lengths: [128] },
  { shape: "2.85M", type: "F16", batchSize: 8, lengths: [64, 128] },
  { shape: "2.85M", type: "Q8_0", batchSize: 8, lengths: [128] },
  { shape: "2.85M", type: "Q8_0", batchSize: 8, lengths: [128], recompute: true },
  { shape: "0.1B", type: "F16", batchSize: 8, lengths: [128] },
  { shape: "0.1B", type: "Q8_0", batchSize: 8, lengths: [128] },
  { shape: "0.1B", type: "Q4_K_M", batchSize: 1, lengths: [256] },
  { shape: "0.1B", type: "Q4_K_M", batchSize: 1, lengths: [256], recompute: true },
  { shape: "0.5B", type: "F16", batchSize: 1, lengths: [64] },
  { shape: "0.5B", type: "Q8_0", batchSize: 1, lengths: [64] },
  { shape: "0.5B", type: "Q4_K_M", batchSize: 1, lengths: [64] },
  { shape: "vocabulary 152k", type: "F16", batchSize: 2, lengths: [64] },
  { shape: "vocabulary 152k", type: "Q8_0", batchSize: 2, lengths: [64] },
];

const outcome = z.object({
  parts: z.record(z.string(), z.number()),
  seconds: z.array(z.number()),
  peakBytes: z.number(),
});

/** Memory of training: what the estimate says before a job starts against the peak of a process that trains. */
export async function benchTrainingMemory({ runs, quick }: BenchOptions): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  for (const one of cases) {
    const isLarge = !one.shape.endsWith("M");
    if (quick === true && isLarge) continue;
    const peaks: number[] = [];
    let estimated = 0;
    for (let run = 0; run < runs; run++) {
      const { parts, peakBytes } = await measureTrainingMemory(one, isLarge ? 1 : 2);
      peaks.push(peakBytes / 1e6);
      estimated = Object.values(parts).reduce((sum, bytes) => sum + bytes, 0) / 1e6;
    }
    const peak = median(peaks);
    rows.push({
      name: nameOf(one),
      unit: "MB",
      values: { estimated, peak },
      samples: { peak: peaks },
      target: `within ${tolerance * 100} %`,
      held: Math.abs(estimated / peak - 1) <= tolerance,
    });
  }
  return {
    bench: "training-memory",
    machine: describeMachine(),
    rows,
    notes: ["peak resident memory of a fresh process after one or two steps of every length, two threads"],
  };
}

function nameOf({ shape, type, batchSize, lengths, recompute }: MemoryCase): string {
  const kind = type === undefined ? "all weights" : `LoRA on ${type}`;
  return `${shape}, ${kind}, ${batchSize} × ${lengths.join(" and ")}${recompute === true ? ", layers computed again" : ""}`;
}

/** Trains some steps in a process of its own; what it was estimated to take, and took. */
export async function measureTrainingMemory({ shape, recompute, ...rest }: MemoryCase, steps: number) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "training-memory-run.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...inheritedEnvironment(), ...trainerEnvironment },
  });
  child.stdin.end(JSON.stringify({ shape: shapes[shape], recompute: recompute === true, ...rest, steps }));
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`the measured training ended with ${code}`);
  return outcome.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
}
