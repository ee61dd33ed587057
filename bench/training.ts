import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { decoderTensors } from "../packages/hub/src/model-files/gguf/decoder-model.ts";
import { inheritedEnvironment } from "../packages/hub/src/process/environment.ts";
import { trainerEnvironment } from "../packages/hub/src/training/trainers/onnx/process-environment.ts";
import { describeMachine, median, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";

/** 2.85 million parameters. */
const shape = {
  vocabulary: 512,
  dim: 192,
  layers: 7,
  heads: 6,
  kvHeads: 2,
  headDim: 32,
  ffn: 512,
  normEps: 1e-5,
  ropeTheta: 10000,
  context: 128,
  tied: true,
};
const batchSize = 8;
const sequenceLength = 128;
const threads = 2;
const steps = 16;
/** Steps that are not counted: the first ones fill caches and heaps. */
const warmUp = 3;

const python = join(import.meta.dirname, "../.venv/bin/python");
const ours = "Hearth";

const measured = z.object({
  version: z.string(),
  seconds: z.array(z.number()),
  losses: z.array(z.number()),
  peakBytes: z.number(),
});

interface Kind {
  readonly name: string;
  /** Of the adapters; 0 trains all weights. */
  readonly rank: number;
  readonly tokensPerSecond: number;
  readonly ratio: number;
  readonly megabytes: number;
}

const kinds: readonly Kind[] = [
  { name: "from scratch", rank: 0, tokensPerSecond: 3300, ratio: 0.9, megabytes: 420 },
  { name: "LoRA r8 on all linear layers", rank: 8, tokensPerSecond: 3800, ratio: 1, megabytes: 320 },
];

/**
 * Training speed and peak memory of the embedded trainer, and of PyTorch eager on the same model
 * where `.venv` has it: each run a fresh process, the two in turn.
 */
export async function benchTraining({ runs }: Pick<BenchOptions, "runs">): Promise<BenchReport> {
  const rows: BenchRow[] = [];
  const notes = [
    `2.85M parameters, context ${sequenceLength}, batch ${batchSize}, f32, ${threads} threads; medians of ${steps - warmUp} steps`,
  ];
  const hasPeer = existsSync(python);
  if (!hasPeer) notes.push("PyTorch is not compared: infra/peers/install.sh installs it");
  for (const kind of kinds) {
    const speeds = new Map<string, number[]>();
    const peaks = new Map<string, number[]>();
    for (let run = 0; run < runs; run++) {
      const contenders: [string, string, string[]][] = [
        [ours, process.execPath, [join(import.meta.dirname, "training-run.ts")]],
      ];
      if (hasPeer) {
        contenders.push([
          "PyTorch",
          python,
          [join(import.meta.dirname, "../tests/peers/torch_llama.py"), "bench"],
        ]);
      }
      if (run % 2 === 1) contenders.reverse();
      for (const [who, command, args] of contenders) {
        const { version, seconds, peakBytes } = await measure(command, args, kind.rank, run);
        const name = who === ours ? ours : `${who} ${version}`;
        push(speeds, name, (batchSize * sequenceLength) / median(seconds.slice(warmUp)));
        push(peaks, name, peakBytes / 1e6);
      }
    }
    rows.push(
      row(`train ${kind.name}`, "tokens/s", speeds, {
        words: `≥ ${kind.tokensPerSecond}${hasPeer ? `, ≥ ${kind.ratio} × PyTorch` : ""}`,
        held: (own, peer) => own >= kind.tokensPerSecond && (peer === undefined || own >= kind.ratio * peer),
      }),
      row(`peak memory, ${kind.name}`, "MB", peaks, {
        words: `≤ ${kind.megabytes}${hasPeer ? ", ≤ 0.8 × PyTorch" : ""}`,
        held: (own, peer) => own <= kind.megabytes && (peer === undefined || own <= 0.8 * peer),
      }),
    );
  }
  return { bench: "training", machine: describeMachine(), rows, notes };
}

async function measure(command: string, args: string[], rank: number, seed: number) {
  // as the hub starts its trainer; for both, so that neither has the better allocator
  const env = { ...inheritedEnvironment(), ...trainerEnvironment };
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env });
  child.stdin.end(
    JSON.stringify({
      shape,
      tensors: [...decoderTensors(shape)],
      batchSize,
      sequenceLength,
      steps,
      threads,
      seed,
      rank,
    }),
  );
  const [output, code] = await Promise.all([
    text(child.stdout),
    new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve)),
  ]);
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
  const result = measured.parse(JSON.parse(output.trim().split("\n").at(-1) ?? ""));
  if (!result.losses.every(Number.isFinite))
    throw new Error(`${command} trained to a loss that is not a number`);
  return result;
}

function push(samples: Map<string, number[]>, name: string, value: number): void {
  samples.set(name, [...(samples.get(name) ?? []), value]);
}

function row(
  name: string,
  unit: string,
  samples: ReadonlyMap<string, number[]>,
  target: { words: string; held: (own: number, peer: number | undefined) => boolean },
): BenchRow {
  const medians = new Map([...samples].map(([who, list]) => [who, median(list)]));
  const peer = [...medians].find(([who]) => who !== ours)?.[1];
  return {
    name,
    unit,
    values: Object.fromEntries(medians),
    samples: Object.fromEntries(samples),
    target: target.words,
    held: target.held(medians.get(ours) ?? NaN, peer),
  };
}
