import { availableParallelism, cpus, totalmem } from "node:os";

/** One measured line: the same thing measured in alternation, medians over the runs. */
export interface BenchRow {
  /** e.g. "train from scratch, 2.85M parameters" */
  name: string;
  /** e.g. "tokens/s", "ms", "MB" */
  unit: string;
  /** Who was measured, by name and version → median of the runs. */
  values: Record<string, number>;
  /** All single measurements behind the medians. */
  samples: Record<string, number[]>;
  /** What the project wants to hold, in words: "≥ 3300", "≤ 0.8 × PyTorch". */
  target?: string;
  /** Whether the target is held; absent when there is none. */
  held?: boolean;
}

export interface BenchReport {
  bench: string;
  machine: { cpu: string; cores: number; memoryGb: number; platform: string };
  rows: BenchRow[];
  /** What could not be measured here, and why. */
  notes: string[];
}

export interface BenchOptions {
  /** Fresh processes per thing measured. */
  runs: number;
  /** Also measure what takes minutes and fetches packages: `npm ci`. */
  install: boolean;
  /** Small sizes, for a first look in a minute. */
  quick?: boolean;
  /** Only these parts of a bench that has several. */
  parts?: readonly string[] | undefined;
  /** Only these of several servers (hearth, postgres, mlflow), or trainers (eager, compiled, mlx). */
  peers?: readonly string[] | undefined;
  /** A folder that CPU profiles of the measured hub go to. */
  profile?: string | undefined;
}

/** The machine that was measured, for the head of a report. */
export function describeMachine(): BenchReport["machine"] {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1e9),
    platform: `${process.platform}-${process.arch}, Node ${process.version}`,
  };
}

/** Median of a non-empty list. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError("median of no values");
  if (sorted.length % 2 === 1) return upper;
  return (upper + (sorted[middle - 1] ?? upper)) / 2;
}
