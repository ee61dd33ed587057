import type { Page } from "@hearth/wire/hub/common";
import type {
  CreateModelRequest,
  Lineage,
  Model,
  ModelEvent,
  ModelVersion,
  updateModelRequest,
} from "@hearth/wire/hub/models";
import type { z } from "zod";
import type { ArtifactStore } from "../artifacts/fs/store.ts";
import { createTurns, type Turns } from "../artifacts/fs/turns.ts";
import type { Database } from "../storage/database.ts";
import { createAliases } from "./aliases.ts";
import { createModels } from "./models.ts";
import { createVersionRemoval } from "./remove-version.ts";
import type { ServedVersion } from "./served-version.ts";
import { createVersions } from "./versions.ts";

export interface PageRequest {
  page: number;
  page_size: number;
}

export interface CreateVersion {
  /** Id or name of the model. */
  model: string;
  kind: "full" | "adapter";
  /** Needed for an adapter: the id of a ready version with full weights. */
  baseVersionId?: string | null;
  jobId?: string | null;
  runId?: string | null;
  lineage?: Lineage;
}

export interface ReadyVersion {
  /** Path of the file that the engine loads. */
  artifactPath: string;
  sha256: string;
  /** File name relative to the artifact folder → sha256. */
  checksums: Record<string, string>;
  metrics?: Record<string, number>;
  summary?: Record<string, string | number | boolean> | null;
  lineage?: Lineage;
}

/** Models, their versions and aliases. Every change is an event of the model's history. */
export interface Registry {
  /** With `path`, the file becomes version 1; without a valid file there is no model. `conflict` when the name is taken. */
  createModel(request: CreateModelRequest, signal: AbortSignal): Promise<Model>;
  getModel(idOrName: string): Promise<Model>;
  /** The newest first; with `search`, those that have it in name, description or base. */
  listModels(request: PageRequest & { search?: string | undefined }): Promise<Page<Model>>;
  updateModel(idOrName: string, change: z.infer<typeof updateModelRequest>): Promise<Model>;
  /** With its versions and their files. `conflict` while adapters of other models or a waiting or running job need it. */
  deleteModel(idOrName: string): Promise<void>;
  /** The id of the experiment with the model's runs, which is made when there is none yet. */
  experimentOf(idOrName: string): Promise<string>;
  /** The newest first. */
  history(idOrName: string, page: PageRequest): Promise<Page<ModelEvent>>;
  recordEvent(
    modelId: string,
    event: { kind: string; version: number | null; details?: Record<string, unknown> },
  ): Promise<void>;

  /** The newest first. */
  versions(idOrName: string, page: PageRequest): Promise<Page<ModelVersion>>;
  /** In whatever state it is: the id of a version, `name`, `name:3` or `name@alias`. */
  getVersion(idOrReference: string): Promise<ModelVersion>;
  /** Like `getVersion`, but `conflict` unless the version is ready. */
  resolve(reference: string): Promise<ModelVersion>;
  /** Like `resolve`, with only what an answer names of the version: the way of every request. */
  served(reference: string): Promise<ServedVersion>;
  /** The version with the full weights: the base of an adapter, else the version itself. */
  baseOf(version: Pick<ModelVersion, "id">): Promise<ModelVersion>;
  /** A version in training, with the next number of its model. */
  createVersion(request: CreateVersion): Promise<ModelVersion>;
  markReady(versionId: string, result: ReadyVersion): Promise<ModelVersion>;
  markFailed(versionId: string, error: { code: string; message: string }): Promise<ModelVersion>;
  /** Takes a ready version out of use; `conflict` while an alias points to it. */
  archiveVersion(versionId: string): Promise<ModelVersion>;
  /** With its files, and the aliases that point to it. `conflict` while adapters or a waiting or running job need it. */
  deleteVersion(versionId: string): Promise<void>;
  /** Adds metrics, or replaces those of the same name. */
  recordMetrics(versionId: string, metrics: Record<string, number>): Promise<ModelVersion>;
  /** A GGUF file, or a folder with a model for MLX, inside an allowed folder becomes the next version. */
  importVersion(idOrName: string, path: string, signal: AbortSignal): Promise<ModelVersion>;

  /** Points an alias to a ready version; `details` go into the history (the checks of a gate). */
  setAlias(
    idOrName: string,
    alias: string,
    version: number,
    details?: Record<string, unknown>,
  ): Promise<Model>;
  removeAlias(idOrName: string, alias: string): Promise<Model>;
}

/** Where a model's runs are kept. */
export interface Experiments {
  ensureExperiment(name: string): Promise<string>;
  deleteExperiment(id: string): Promise<void>;
}

export interface RegistryDependencies {
  database: Database;
  artifacts: ArtifactStore;
  experiments: Experiments;
  /** Folders that a model file may be imported from. */
  dataPaths: readonly string[];
  now?: () => number;
  /** For tests: the module of the process that reads model files. */
  importChild?: URL;
}

/** The dependencies with every default filled in, as the parts of the room share them. */
export interface RegistryContext extends RegistryDependencies {
  now: () => number;
  /** Registering and removing content-addressed files take turns: a file in use is never removed. */
  fileTurns: Turns;
}

export function createRegistry(dependencies: RegistryDependencies): Registry {
  const context: RegistryContext = {
    ...dependencies,
    now: dependencies.now ?? Date.now,
    fileTurns: createTurns(),
  };
  return {
    ...createModels(context),
    ...createVersions(context),
    ...createVersionRemoval(context),
    ...createAliases(context),
  };
}
