import type { Dataset, SplitName } from "@hearth/wire/hub/datasets";
import type { Lineage, Model, ModelVersion } from "@hearth/wire/hub/models";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import type { Database } from "../storage/database.ts";
import type { Runs } from "../tracking/runs.ts";
import type { Probe } from "./trainers/trainer.ts";

/** What training needs of the registry. */
export interface TrainingRegistry {
  /** By id or name. */
  getModel(idOrName: string): Promise<Model>;
  getVersion(id: string): Promise<ModelVersion>;
  /** A ready version: `name`, `name:3`, `name@alias` or an id. */
  resolve(reference: string): Promise<ModelVersion>;
  /** A new version in state `training`, with the next number. */
  createVersion(version: NewVersion): Promise<ModelVersion>;
  markReady(versionId: string, made: MadeVersion): Promise<unknown>;
  markFailed(versionId: string, error: { code: string; message: string }): Promise<unknown>;
}

export interface NewVersion {
  modelId: string;
  kind: "full" | "adapter";
  baseVersionId: string | null;
  jobId: string;
  runId: string;
  lineage: Lineage;
}

export interface MadeVersion {
  /** Absolute path of the file that the engine loads. */
  artifactPath: string;
  sha256: string;
  checksums: Record<string, string>;
  metrics: Record<string, number>;
  summary: Record<string, string | number | boolean>;
  lineage: Lineage;
}

export interface TrainingDatasets {
  /** By id or name. */
  get(idOrName: string): Promise<Dataset>;
  /** Absolute path of a split's file. */
  filePath(dataset: Dataset, split: SplitName): string | Promise<string>;
}

export type TrainingRuns = Pick<Runs, "createRun" | "logMetrics" | "setTags" | "finishRun" | "resumeRun">;

export type TrainingArtifacts = Pick<
  ArtifactStore,
  "jobFolder" | "removeJobFolder" | "archiveFolder" | "moveToArchive" | "toStored" | "fromStored"
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
  /** Bytes of the budget that nobody uses, after idle engines have given way when that is needed to reach `wantedBytes`. */
  makeRoom(wantedBytes: number): Promise<number>;
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
}
