import type { BenchRow } from "../report.ts";

/** What the parts of the serving bench share. */
export interface ServingBench {
  runs: number;
  threads: number;
  /** Small numbers, for a first look. */
  quick: boolean;
  /** A folder that is removed at the end. */
  folder: string;
  rows: BenchRow[];
  notes: string[];
}
