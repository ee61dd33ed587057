import type { BenchRow } from "../report.ts";
import { NoAnswer } from "./connection.ts";
import type { Peer } from "./peer.ts";
import { rowsOf, type Figure } from "./table.ts";

/** How much is measured. */
export interface Sizes {
  /** Seconds of one load against Hearth, and against the slower peer. */
  seconds: { hearth: number; mlflow: number };
  /** Runs in the experiments that are searched, without and with a filter. */
  searched: { plain: number; filtered: number };
  /** Points of the longest metric. */
  points: number;
  /** The most that is filled into the peers that are slow to fill. */
  smaller: { runs: number; points: number };
  artifactBytes: number;
  /** Metric writes before the memory is read. */
  written: number;
}

export interface Bench {
  peers: readonly Peer[];
  runs: number;
  sizes: Sizes;
  /** A folder that is removed at the end. */
  folder: string;
  profile: string | undefined;
  rows: BenchRow[];
  notes: string[];
}

/** Samples of several figures by peer. */
export class Samples {
  readonly #figures = new Map<string, Record<string, number[]>>();

  add(figure: string, peer: Peer, ...values: number[]): void {
    const samples = this.of(figure);
    (samples[peer.name] ??= []).push(...values);
  }

  of(figure: string): Record<string, number[]> {
    let samples = this.#figures.get(figure);
    if (!samples) this.#figures.set(figure, (samples = {}));
    return samples;
  }
}

/**
 * Does `work` with every peer in turn, `runs` times. A peer that fails is named in the notes with the reason
 * and left out of the rest of this row.
 */
export async function alternate(
  bench: Bench,
  what: string,
  work: (peer: Peer, round: number) => Promise<void>,
  peers: readonly Peer[] = bench.peers,
): Promise<void> {
  const failed = new Set<Peer>();
  for (let round = 0; round < bench.runs; round += 1) {
    for (const peer of peers) {
      if (failed.has(peer)) continue;
      try {
        process.stderr.write(`${what}: ${peer.name}, ${round + 1} of ${bench.runs}\n`);
        await work(peer, round);
      } catch (error) {
        failed.add(peer);
        const words = error instanceof Error ? error.message : String(error);
        bench.notes.push(
          `${what}: ${peer.name} ${error instanceof NoAnswer ? "gave no answer" : "failed"}: ${words}`,
        );
      }
    }
  }
}

export function report(bench: Bench, figure: Figure): void {
  const rows = rowsOf(figure, bench.peers);
  bench.rows.push(...rows);
  // A full run takes minutes: what is known is shown at once.
  for (const { name, values, unit } of rows)
    process.stderr.write(`  ${name}: ${JSON.stringify(values)} ${unit}\n`);
}

export function secondsFor({ sizes }: Bench, peer: Peer): number {
  return sizes.seconds[peer.kind];
}
