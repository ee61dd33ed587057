import { randomUUID } from "node:crypto";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Lineage, Model, ModelVersion } from "@hearth/wire/hub/models";
import type {
  CreateJobRequest,
  EstimateJobRequest,
  JobEstimate,
  JobEvent,
  TrainerDescription,
  TrainingJob,
  TrainingSample,
} from "@hearth/wire/hub/training";
import type { Page } from "@hearth/wire/hub/common";
import { priorityNumber } from "@hearth/wire/hub/training-queue";
import { HearthError } from "../errors.ts";
import type { TrainingRooms } from "./dependencies.ts";
import type { JobEvents } from "./events.ts";
import { listBases } from "./bases.ts";
import { checkJob } from "./check-job.ts";
import { lookUp } from "./checks/refuse.ts";
import { estimateJob } from "./estimate-job.ts";
import type { JobControl } from "./job-control.ts";
import type { JobLog } from "./job-log.ts";
import type { CompleteParameters } from "./parameters.ts";
import { seedsOf, type ReadProvenance } from "./provenance.ts";
import { enqueueJob, jobStarted } from "./enqueue-job.ts";
import type { JobListQuery, JobQueue } from "./queue.ts";
import { queueReproduction } from "./reproduction/queue-reproduction.ts";
import type { Requirements } from "./requirements.ts";
import type { TrainingSamples } from "./samples.ts";
import type { StoredSpecification } from "./stored-specification.ts";
import type { TrainerChoice, Trainers } from "./trainers/trainers.ts";

export interface JobsDependencies extends Pick<
  TrainingRooms,
  "database" | "registry" | "datasets" | "runs" | "artifacts" | "memory"
> {
  queue: JobQueue;
  events: JobEvents;
  jobLog: JobLog;
  samples: TrainingSamples;
  trainers: Trainers;
  /** Code, programs and machine: what a version's lineage names. */
  provenance: ReadProvenance;
  /** Called when there may be work. */
  wakeScheduler: () => void;
  control: JobControl;
  retries?: number | undefined;
}

/** Training jobs as the API offers them. */
export interface Jobs extends JobControl {
  /**
   * Checks everything a person can get wrong, then creates version, run and job together.
   * @throws HearthError `invalid_request` (details: field, value, allowed), `not_found`, `conflict`, `resource_exhausted`
   */
  create(request: CreateJobRequest): Promise<TrainingJob>;
  /** Checks as `create` does and tells what the job would need; nothing is stored. @throws as `create` */
  estimate(request: EstimateJobRequest, signal?: AbortSignal): Promise<JobEstimate>;
  /** References of the versions that a job can start from. */
  bases(): Promise<string[]>;
  /** Every trainer and whether it can run here, the preferred ones first. */
  trainers(): TrainerDescription[];
  /** Another place among the queued. @throws HearthError `conflict` when the job is not queued, `not_found` */
  move(id: string, before: string | null): Promise<TrainingJob>;
  /** The last lines that the job said. @throws HearthError `not_found` */
  log(id: string, tail: number): Promise<string[]>;
  /** What the model said as it was trained, by step and prompt. @throws HearthError `not_found` */
  samples(id: string): Promise<TrainingSample[]>;
  /**
   * Runs the specification of a version again and compares the bytes; nothing of the version changes.
   * @throws HearthError `conflict` when an input is missing or changed, `invalid_request` for one that was not trained here
   */
  reproduce(reference: string, signal: AbortSignal): Promise<TrainingJob>;
  get(id: string): Promise<TrainingJob>;
  list(query: JobListQuery): Promise<Page<TrainingJob>>;
  /** The queued, the next to run first; with `most`, no more than that. */
  waiting(most?: number): Promise<TrainingJob[]>;
  counts(): Promise<{ queued: number; running: number }>;
  /** The present state, then what happens until the end. @throws HearthError `not_found` before the first event */
  follow(id: string, signal: AbortSignal): AsyncGenerator<JobEvent, void, void>;
}

export function createJobs(dependencies: JobsDependencies): Jobs {
  const { queue, events, control } = dependencies;
  return {
    ...control,
    create: (request) => createJob(dependencies, request),
    estimate: (request, signal) => estimateJob(dependencies, request, signal),
    bases: () => listBases(dependencies.database.db, dependencies.trainers),
    trainers: () => dependencies.trainers.describe(),
    async move(id, before) {
      const job = await queue.move(id, before);
      events.publish(id, { type: "status", job });
      return job;
    },
    async log(id, tail) {
      await queue.get(id);
      return dependencies.jobLog.tail(id, tail);
    },
    async samples(id) {
      await queue.get(id);
      return dependencies.samples.list(id);
    },
    reproduce: (reference, signal) => queueReproduction(dependencies, reference, signal),
    get: (id) => queue.get(id),
    list: (query) => queue.list(query),
    waiting: (most) => queue.waiting(most),
    counts: () => queue.counts(),
    follow: (id, signal) => events.follow(id, () => queue.get(id), signal),
  };
}

async function createJob(dependencies: JobsDependencies, request: CreateJobRequest): Promise<TrainingJob> {
  const { registry, datasets, runs, database } = dependencies;
  const [model, dataset] = await Promise.all([
    lookUp("model_id", request.model_id, "a registered model", registry.getModel(request.model_id)),
    lookUp("dataset_id", request.dataset_id, "a registered dataset", datasets.get(request.dataset_id)),
  ]);
  const checked = await checkJob(dependencies, model, dataset, request);
  const { base, parameters, choice, requirements: known } = checked;
  const { memoryBytes, diskBytes } = known ?? { memoryBytes: 0, diskBytes: 0 };
  const specification = await specify(dependencies, {
    model,
    dataset,
    base,
    parameters,
    choice,
    requirements: { memoryBytes, diskBytes },
    systemMetrics: request.system_metrics ?? false,
  });
  const made = await dependencies.provenance();
  const id = randomUUID();
  await database.transaction(async () => {
    const run = await runs.createRun({
      experimentId: await registry.experimentOf(model.id),
      kind: "training",
      params: paramsOf(parameters, dataset, base),
      tags: {
        "hearth.job_id": id,
        ...(made.code.commit === null ? {} : { "mlflow.source.git.commit": made.code.commit }),
      },
    });
    const lineage: Lineage = {
      job_id: id,
      run_id: run.id,
      dataset: lineageOfDataset(dataset),
      base:
        base === null
          ? null
          : { version_id: base.id, reference: `${base.model}:${base.version}`, sha256: sha256Of(base) },
      recipe: { ...parameters },
      seed: parameters.seed,
      seeds: seedsOf(parameters),
      ...made,
      environment: { ...made.environment, trainer: choice.trainer.name, trainer_reason: choice.reason },
    };
    const version = await registry.createVersion({
      model: model.id,
      kind: parameters.recipe === "lora" ? "adapter" : "full",
      baseVersionId: base?.id ?? null,
      jobId: id,
      runId: run.id,
      lineage,
    });
    await enqueueJob(dependencies, {
      id,
      kind: "train",
      model,
      dataset,
      version,
      runId: run.id,
      parameters,
      specification,
      priority: priorityNumber(request.priority ?? "normal"),
    });
  });
  return jobStarted(dependencies, id);
}

interface SpecificationParts {
  model: Model;
  dataset: Dataset;
  base: ModelVersion | null;
  parameters: CompleteParameters;
  choice: TrainerChoice;
  requirements: Pick<Requirements, "memoryBytes" | "diskBytes">;
  systemMetrics: boolean;
}

async function specify(
  dependencies: JobsDependencies,
  parts: SpecificationParts,
): Promise<StoredSpecification> {
  const { model, dataset, base, parameters, choice, requirements, systemMetrics } = parts;
  const { artifacts, datasets } = dependencies;
  const split = async (name: "train" | "validation") => {
    const found = dataset.splits[name];
    if (found === undefined || found.rows === 0) return null;
    return { path: artifacts.toStored(await datasets.filePath(dataset, name)), sha256: found.sha256 };
  };
  const [train, validation] = await Promise.all([split("train"), split("validation")]);
  if (train === null)
    throw new HearthError("internal", `dataset ${dataset.id} lost its train split after it was checked`);
  const weights = base === null ? null : { path: artifacts.toStored(pathOf(base)), sha256: sha256Of(base) };
  return {
    trainer: {
      parameters,
      base: weights,
      dataset: { format: dataset.format, train: train.path, validation: validation?.path ?? null },
      modelName: model.name,
    },
    choice: { name: choice.trainer.name, reason: choice.reason },
    inputs: [train, validation, weights].filter((input) => input !== null),
    ...requirements,
    systemMetrics,
  };
}

function paramsOf(
  parameters: CompleteParameters,
  dataset: Dataset,
  base: ModelVersion | null,
): Record<string, string> {
  // Prompts are texts of any length, and no setting that runs are compared by.
  const flat = Object.entries(parameters).filter(
    ([name, value]) => value !== undefined && name !== "sample_prompts",
  );
  return {
    ...Object.fromEntries(
      flat.map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
    dataset: `${dataset.name}@${dataset.checksum}`,
    ...(base === null ? {} : { base: `${base.model}:${base.version}@${sha256Of(base)}` }),
  };
}

function lineageOfDataset({ id, name, version, checksum, splits }: Dataset): Lineage["dataset"] {
  const used = Object.entries(splits).map(([split, { rows, sha256 }]) => [split, { rows, sha256 }]);
  return { id, name, version, sha256: checksum, splits: Object.fromEntries(used) };
}

function pathOf(version: ModelVersion): string {
  if (version.artifact_path === null)
    throw new HearthError("internal", `version ${version.id} is ready and has no file`);
  return version.artifact_path;
}

function sha256Of(version: ModelVersion): string {
  if (version.sha256 === null)
    throw new HearthError("internal", `version ${version.id} is ready and has no checksum`);
  return version.sha256;
}
