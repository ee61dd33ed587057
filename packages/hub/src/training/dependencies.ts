import type { Dataset, SplitName } from "@hearth/wire/hub/datasets";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import type { Registry } from "../registry/registry.ts";
import type { Database } from "../storage/database.ts";
import type { Runs } from "../tracking/runs.ts";
import type { DataWarnings } from "./data-warnings.ts";
import type { Probe } from "./trainers/trainer.ts";

export type TrainingRegistry = Pick<
  Registry,
  "getModel" | "getVersion" | "resolve" | "experimentOf" | "createVersion" | "markReady" | "markFailed"
>;

export interface TrainingDatasets {
  /** By id or name. */
  get(idOrName: string): Promise<Dataset>;
  /** Absolute path of a split's file. */
  filePath(dataset: Dataset, split: SplitName): string | Promise<string>;
}

export type TrainingRuns = Pick<Runs, "createRun" | "logMetrics" | "setTags" | "finishRun" | "historyPage">;

export type TrainingArtifacts = Pick<
  ArtifactStore,
  | "jobFolder"
  | "removeJobFolder"
  | "jobFolders"
  | "archiveFolder"
  | "moveToArchive"
  | "removeArchive"
  | "toStored"
  | "fromStored"
>;

/** A file that a trainer wrote, as the engine is asked to load it. */
export interface ExportedModel {
  kind: "full" | "adapter";
  path: string;
  sha256: string;
  base: { path: string; sha256: string } | null;
}

/** What the engine answered to the trainer's probes; `ok` when every token was the same. */
export interface ExportCheck {
  ok: boolean;
  /** What differed, for a person; null when nothing did. */
  difference: string | null;
}

/** Loads the file in a fresh engine and compares its greedy continuations with the probes. */
export type VerifyExport = (
  exported: ExportedModel,
  probes: Probe[],
  signal: AbortSignal,
) => Promise<ExportCheck>;

/** What a model file says of itself; reads it in another process. */
export type DescribeModelFile = (
  path: string,
  signal: AbortSignal,
) => Promise<Record<string, string | number | boolean>>;

export interface TrainingMemory {
  /** Bytes that all children together may use. */
  budgetBytes(): number;
  /** Bytes of the budget that nobody uses now; changes nothing. */
  freeBytes(): Promise<number>;
  /**
   * Bytes of the budget that nobody uses, after idle engines have given way when that is needed to reach
   * `wantedBytes`, which are kept for the job until it is released.
   */
  makeRoom(wantedBytes: number, jobId: string): Promise<number>;
  /** The job holds nothing any more. */
  release(jobId: string): void;
}

/** What jobs need from the other rooms; they are joined where the server is composed. */
export interface TrainingRooms {
  database: Database;
  registry: TrainingRegistry;
  datasets: TrainingDatasets;
  runs: TrainingRuns;
  artifacts: TrainingArtifacts;
  memory: TrainingMemory;
  verifyExport: VerifyExport;
  describeModelFile: DescribeModelFile;
  /** What an estimate says of the rows; absent: nothing. */
  dataWarnings?: DataWarnings;
}
