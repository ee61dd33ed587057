import { dirname } from "node:path";
import type { Reproduction } from "@hearth/wire/hub/reproduction";
import type { TrainingRooms, TrainingRuns } from "../dependencies.ts";
import type { Provenance } from "../provenance.ts";
import type { QueuedJob } from "../queue.ts";
import { likelyCauses } from "./causes.ts";
import { changedFacts } from "./changed-facts.ts";
import { compareChecksums, firstDifference } from "./compare-files.ts";
import { compareMetrics } from "./compare-metrics.ts";

export interface Repetition {
  job: QueuedJob;
  /** The repetition's folder, its files by checksum, and the one that the engine loads. */
  folder: string;
  checksums: Record<string, string>;
  engineFile: string;
  /** What the repetition ran with; the trainer's own environment included. */
  provenance: Provenance;
}

export interface JudgeDependencies {
  registry: Pick<TrainingRooms["registry"], "getVersion">;
  runs: Pick<TrainingRuns, "historyPage">;
  /** Results (sha256 of the engine's file) of earlier repetitions of a version. */
  earlierResults: (versionId: string) => Promise<string[]>;
  logFile: string;
}

/** Compares a repetition with its version: files, metrics by step, and what was recorded with both. */
export async function judgeRepetition(
  { registry, runs, earlierResults, logFile }: JudgeDependencies,
  { job, folder, checksums, engineFile, provenance }: Repetition,
  signal: AbortSignal,
): Promise<Reproduction> {
  const version = await registry.getVersion(job.versionId);
  const { lineage } = version;
  const files = {
    kept: version.artifact_path === null ? null : dirname(version.artifact_path),
    registered: version.checksums,
    made: folder,
    checksums,
    engineFile,
    logFile,
  };
  const compared = await compareChecksums(files, signal);
  const metrics = lineage.run_id === null ? [] : await compareMetrics(runs, lineage.run_id, job.runId);
  const changed = changedFacts(lineage, {
    ...provenance,
    recipe: { ...job.specification.trainer.parameters },
    inputs: inputsOf(job),
  });
  const difference = await firstDifference(compared, files, signal);
  if (difference === null) {
    return { identical: true, files: compared, first_difference: null, metrics, changed, causes: [] };
  }
  const results = await earlierResults(job.versionId);
  const same = results.filter((sha256) => sha256 === checksums[engineFile]).length;
  return {
    identical: false,
    files: compared,
    first_difference: difference,
    metrics,
    changed,
    causes: likelyCauses({
      files: compared,
      registered: version.checksums,
      difference,
      metrics,
      changed,
      earlier: { same, others: results.length - same },
    }),
  };
}

/** The checksums that the specification names, by the names of the lineage's. */
function inputsOf({ specification: { inputs, trainer } }: QueuedJob): Record<string, string> {
  const places: [string, string | null | undefined][] = [
    ["data.train", trainer.dataset.train],
    ["data.validation", trainer.dataset.validation],
    ["base", trainer.base?.path],
  ];
  const found = places.flatMap(([name, path]) => {
    const sha256 = inputs.find((input) => input.path === path)?.sha256;
    return sha256 === undefined ? [] : [[name, sha256]];
  });
  return Object.fromEntries(found);
}
