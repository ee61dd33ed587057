import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measureSoak } from "./jobs/soak.ts";
import { measureYield } from "./jobs/yield.ts";
import { describeMachine, type BenchOptions, type BenchReport, type BenchRow } from "./report.ts";

/** What the parts of the bench share. */
export interface JobsBench {
  runs: number;
  quick: boolean;
  /** Removed at the end. */
  folder: string;
  rows: BenchRow[];
  notes: string[];
}

const parts: Record<string, (bench: JobsBench) => Promise<void>> = {
  soak: measureSoak,
  yield: measureYield,
};

/** The hub around its trainers: many jobs one after the other, and answers while a job runs. */
export async function benchJobs({ runs, quick, parts: wanted }: BenchOptions): Promise<BenchReport> {
  const folder = await mkdtemp(join(tmpdir(), "hearth-jobs-"));
  const bench: JobsBench = { runs, quick: quick === true, folder, rows: [], notes: [] };
  try {
    for (const [name, measure] of Object.entries(parts))
      if (wanted === undefined || wanted.includes(name)) await measure(bench);
    return { bench: "jobs", machine: describeMachine(), rows: bench.rows, notes: bench.notes };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
