import { randomUUID } from "node:crypto";
import type { Dataset } from "@hearth/wire/hub/datasets";
import type { Lineage, Model, ModelVersion } from "@hearth/wire/hub/models";
import type {
  CreateJobRequest,
  EstimateJobRequest,
  JobEstimate,
  JobEvent,
  TrainingJob,
  TrainingSample,
} from "@hearth/wire/hub/training";
import type { Page } from "@hearth/wire/hub/common";
import { HearthError } from "../errors.ts";
import type { TrainingRooms } from "./dependencies.ts";
import type { JobEvents } from "./events.ts";
import { listBases } from "./bases.ts";
import { checkJob } from "./check-job.ts";
import { estimateJob } from "./estimate-job.ts";
import type { JobLog } from "./job-log.ts";
import type { JobLifecycle } from "./lifecycle.ts";
import type { CompleteParameters } from "./parameters.ts";
import { readCodeState, readEnvironment } from "./provenance.ts";
import type { JobListQuery, JobQueue, NewJob } from "./queue.ts";
import type { Requirements } from "./requirements.ts";
import type { TrainingSamples } from "./samples.ts";
import type { StoredSpecification } from "./stored-specification.ts";

/** Attempts after the first when a trainer or its hub dies. */
const maxRetries = 2;

export interface JobsDependencies extends Pick<
  TrainingRooms,
  "database" | "registry" | "datasets" | "runs" | "artifacts" | "memory"
> {
  queue: JobQueue;
  events: JobEvents;
  lifecycle: JobLifecycle;
  jobLog: JobLog;
  samples: TrainingSamples;
  /** The folder of the code and of its package-lock.json: what a version's lineage names. */
  codeFolder: string;
  /** Called when there may be work. */
  wakeScheduler: () => void;
  /** Called when a running job is to be cancelled. */
  cancelRunning: (jobId: string) => void;
}

/** Training jobs as the API offers them. */
export interface Jobs {
  /**
   * Checks everything a person can get wrong, then creates version, run and job together.
   * @throws HearthError `invalid_request` (details: field, value, allowed), `not_found`, `conflict`, `resource_exhausted`
   */
  create(request: CreateJobRequest): Promise<TrainingJob>;
  /** Checks as `create` does and tells what the job would need; nothing is stored. @throws as `create` */
  estimate(request: EstimateJobRequest): Promise<JobEstimate>;
  /** References of the versions that a job can start from. */
  bases(): Promise<string[]>;
  /** Another place among the queued. @throws HearthError `conflict` when the job is not queued, `not_found` */
  move(id: string, before: string | null): Promise<TrainingJob>;
  /** The last lines that the job said. @throws HearthError `not_found` */
  log(id: string, tail: number): Promise<string[]>;
  /** What the model said as it was trained, by step and prompt. @throws HearthError `not_found` */
  samples(id: string): Promise<TrainingSample[]>;
  /** Runs the specification of a version again and compares the bytes; nothing of the version changes. */
  reproduce(reference: string): Promise<TrainingJob>;
  get(id: string): Promise<TrainingJob>;
  list(query: JobListQuery): Promise<Page<TrainingJob>>;
  counts(): Promise<{ queued: number; running: number }>;
  /** @throws HearthError `conflict` when the job has ended already */
  cancel(id: string): Promise<TrainingJob>;
  /** The present state, then what happens until the end. @throws HearthError `not_found` before the first event */
  follow(id: string, signal: AbortSignal): AsyncGenerator<JobEvent, void, void>;
}

export function createJobs(dependencies: JobsDependencies): Jobs {
  const { queue, events, lifecycle } = dependencies;
  return {
    create: (request) => createJob(dependencies, request),
    estimate: (request) => estimateJob(dependencies, request),
    bases: () => listBases(dependencies.database.db),
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
    reproduce: (reference) => reproduceVersion(dependencies, reference),
    get: (id) => queue.get(id),
    list: (query) => queue.list(query),
    counts: () => queue.counts(),
    async cancel(id) {
      const job = await lifecycle.requestCancel(id);
      if (job.status === "running") dependencies.cancelRunning(id);
      return job;
    },
    follow: (id, signal) => events.follow(id, () => queue.get(id), signal),
  };
}

async function createJob(dependencies: JobsDependencies, request: CreateJobRequest): Promise<TrainingJob> {
  const { registry, datasets, runs, database } = dependencies;
  const [model, dataset] = await Promise.all([
    registry.getModel(request.model_id),
    datasets.get(request.dataset_id),
  ]);
  const { base, parameters, requirements: known } = await checkJob(dependencies, model, dataset, request);
  const requirements = known ?? { memoryBytes: 0, diskBytes: 0 };
  const specification = await specify(dependencies, {
    model,
    dataset,
    base,
    parameters,
    requirements,
    systemMetrics: request.system_metrics ?? false,
  });
  const code = await readCodeState(dependencies.codeFolder);
  const environment = await readEnvironment(dependencies.codeFolder);
  const id = randomUUID();
  await database.transaction(async () => {
    const run = await runs.createRun({
      experimentId: await registry.experimentOf(model.id),
      kind: "training",
      params: paramsOf(parameters, dataset, base),
      tags: {
        "hearth.job_id": id,
        ...(code.commit === null ? {} : { "mlflow.source.git.commit": code.commit }),
      },
    });
    const lineage: Lineage = {
      job_id: id,
      run_id: run.id,
      dataset: { id: dataset.id, name: dataset.name, sha256: dataset.checksum },
      base:
        base === null
          ? null
          : { version_id: base.id, reference: `${base.model}:${base.version}`, sha256: sha256Of(base) },
      recipe: { ...parameters },
      seed: parameters.seed,
      code,
      environment,
    };
    const version = await registry.createVersion({
      model: model.id,
      kind: parameters.recipe === "lora" ? "adapter" : "full",
      baseVersionId: base?.id ?? null,
      jobId: id,
      runId: run.id,
      lineage,
    });
    await enqueue(dependencies, {
      id,
      kind: "train",
      model,
      dataset,
      version,
      runId: run.id,
      parameters,
      specification,
    });
  });
  return started(dependencies, id);
}

async function reproduceVersion(dependencies: JobsDependencies, reference: string): Promise<TrainingJob> {
  const { registry, datasets, runs, database, queue } = dependencies;
  const version = await registry.resolve(reference);
  const original = version.lineage.job_id;
  if (original === null || version.lineage.dataset === null) {
    throw new HearthError(
      "invalid_request",
      `${version.model}:${version.version} was not trained here (it was imported), so there is nothing to run again`,
      {
        details: { model: version.model, version: version.version },
      },
    );
  }
  const { parameters } = await queue.get(original);
  const specification = await queue.specification(original);
  const [model, dataset] = await Promise.all([
    registry.getModel(version.model_id),
    datasets.get(version.lineage.dataset.id),
  ]);
  const id = randomUUID();
  await database.transaction(async () => {
    const run = await runs.createRun({
      experimentId: await registry.experimentOf(model.id),
      kind: "training",
      name: `reproduce-${version.model}-${version.version}`,
      params: { reproduces: `${version.model}:${version.version}`, seed: String(parameters.seed) },
      tags: { "hearth.job_id": id, "hearth.reproduces_job_id": original },
    });
    await enqueue(dependencies, {
      id,
      kind: "reproduce",
      model,
      dataset,
      version,
      runId: run.id,
      parameters,
      specification,
    });
  });
  return started(dependencies, id);
}

interface JobParts extends Pick<NewJob, "id" | "kind" | "runId" | "parameters" | "specification"> {
  model: Model;
  dataset: Dataset;
  version: ModelVersion;
}

function enqueue({ queue }: JobsDependencies, parts: JobParts): Promise<void> {
  const { id, kind, runId, parameters, specification } = parts;
  return queue.enqueue({
    id,
    kind,
    runId,
    parameters,
    specification,
    maxRetries,
    modelId: parts.model.id,
    datasetId: parts.dataset.id,
    versionId: parts.version.id,
  });
}

async function started(dependencies: JobsDependencies, id: string): Promise<TrainingJob> {
  const job = await dependencies.queue.get(id);
  dependencies.events.publish(id, { type: "status", job });
  dependencies.wakeScheduler();
  return job;
}

interface SpecificationParts {
  model: Model;
  dataset: Dataset;
  base: ModelVersion | null;
  parameters: CompleteParameters;
  requirements: Pick<Requirements, "memoryBytes" | "diskBytes">;
  systemMetrics: boolean;
}

async function specify(
  dependencies: JobsDependencies,
  parts: SpecificationParts,
): Promise<StoredSpecification> {
  const { model, dataset, base, parameters, requirements, systemMetrics } = parts;
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
