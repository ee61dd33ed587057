import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeMachine, median } from "../report.ts";
import type { BenchOptions, BenchReport, BenchRow } from "../report.ts";
import { caseName, trainingCases } from "./cases.ts";
import type { TrainingCase } from "./cases.ts";
import { contenders, eager, measure, ours, writeBase } from "./contenders.ts";
import type { Contender } from "./contenders.ts";
import { gpuRows } from "./gpu.ts";

const threads = 2;
/** What the trainer wants to hold against PyTorch eager. */
const wantedSpeed = 1;
const wantedMemory = 0.7;

/**
 * Training speed and peak memory of the embedded trainer beside PyTorch, eager and compiled, and
 * mlx, as far as they are installed: same shapes, same batches, each run a fresh process, all in
 * turn and in the other order every second time.
 */
export async function benchTraining(options: BenchOptions): Promise<BenchReport> {
  const { runs, quick, parts, peers } = options;
  const chosen = trainingCases.filter((one) =>
    parts ? parts.includes(one.part) : quick !== true || one.quick,
  );
  const known = [...new Set(trainingCases.map(({ part }) => part)), "gpu"];
  const unknown = parts?.find((part) => !known.includes(part));
  if (unknown !== undefined)
    throw new Error(`The bench training has no part ${unknown}; it has ${known.join(", ")}.`);
  const found = contenders(peers);
  const notes = new Set([
    `${threads} threads; medians of the steps after the first; the target is against ${eager}`,
    ...found.notes,
  ]);
  /** Contenders whose version is in the notes. */
  const introduced = new Set<string>();
  const rows: BenchRow[] = [];
  const folder = await mkdtemp(join(tmpdir(), "hearth-training-"));
  try {
    for (const one of chosen)
      rows.push(...(await compared(one, found.contenders, folder, runs, notes, introduced)));
    if (parts === undefined || parts.includes("gpu")) rows.push(...(await gpuRows(folder, notes)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { bench: "training", machine: describeMachine(), rows, notes: [...notes] };
}

async function compared(
  one: TrainingCase,
  all: readonly Contender[],
  folder: string,
  runs: number,
  notes: Set<string>,
  introduced: Set<string>,
): Promise<BenchRow[]> {
  const name = caseName(one);
  const basePath = join(folder, "base.gguf");
  await writeBase(basePath, one);
  if (one.base !== "F32")
    notes.add("PyTorch has no GGUF blocks: beside a quantised base it trains on one in bf16");
  const speeds = new Map<string, number[]>();
  const peaks = new Map<string, number[]>();
  for (let run = 0; run < runs; run++) {
    for (const contender of run % 2 === 0 ? all : all.toReversed()) {
      const reason = contender.absentFrom(one);
      if (reason !== null) {
        notes.add(reason);
        continue;
      }
      const result = await measure(contender, one, basePath, { seed: run, threads });
      if (result === undefined) {
        notes.add(`${contender.name} took more than ${one.minutes} minutes: ${name}`);
        continue;
      }
      const { seconds, peakBytes, startBytes, version } = result;
      const speed = (one.batchSize * one.sequenceLength) / median(seconds.slice(one.warmUp));
      // Minutes pass between the rows of the table.
      console.error(
        `${name}, run ${run + 1}: ${contender.name} ${speed.toFixed(0)} tokens/s, ${(peakBytes / 1e6).toFixed(0)} MB`,
      );
      push(speeds, contender.name, speed);
      push(peaks, contender.name, peakBytes / 1e6);
      if (!introduced.has(contender.name)) {
        introduced.add(contender.name);
        const held = (startBytes / 1e6).toFixed(0);
        notes.add(`${contender.name}: ${version}; holds ${held} MB before it has a model`);
      }
    }
  }
  const shape = `batch ${one.batchSize} × ${one.sequenceLength}`;
  return [
    row(
      `${name}, ${shape}`,
      "tokens/s",
      speeds,
      `≥ ${wantedSpeed} × ${eager}`,
      (own, peer) => own >= wantedSpeed * peer,
    ),
    row(
      `peak memory, ${name}`,
      "MB",
      peaks,
      `≤ ${wantedMemory} × ${eager}`,
      (own, peer) => own <= wantedMemory * peer,
    ),
  ];
}

function push(samples: Map<string, number[]>, name: string, value: number): void {
  samples.set(name, [...(samples.get(name) ?? []), value]);
}

function row(
  name: string,
  unit: string,
  samples: ReadonlyMap<string, number[]>,
  target: string,
  holds: (own: number, peer: number) => boolean,
): BenchRow {
  const values = Object.fromEntries([...samples].map(([who, list]) => [who, median(list)]));
  const [own, peer] = [values[ours], values[eager]];
  const judged = own !== undefined && peer !== undefined ? { target, held: holds(own, peer) } : {};
  return { name, unit, values, samples: Object.fromEntries(samples), ...judged };
}
