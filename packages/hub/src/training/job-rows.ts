import type { Reproduction } from "@hearth/wire/hub/reproduction";
import type { JobKind, JobStatus, TrainingJob, TrainingParameters } from "@hearth/wire/hub/training";
import type { Updateable } from "kysely";
import type { SerialisedError } from "../errors.ts";
import type { Queries } from "../storage/database.ts";
import type { JobTable } from "../storage/tables/training.ts";
import type { JobState } from "./job-state.ts";
import { statusOf } from "./present.ts";
import type { JobRow } from "./present.ts";
import { parseSpecification } from "./stored-specification.ts";
import type { StoredSpecification } from "./stored-specification.ts";

export interface NewJob {
  id: string;
  kind: JobKind;
  modelId: string;
  datasetId: string;
  versionId: string;
  runId: string;
  parameters: TrainingParameters;
  specification: StoredSpecification;
  maxRetries: number;
  /** Default 0, which is `normal`. */
  priority?: number;
}

/** A job as the scheduler works with it. */
export interface QueuedJob {
  id: string;
  kind: JobKind;
  modelId: string;
  model: string;
  versionId: string;
  version: number;
  runId: string;
  attempt: number;
  maxRetries: number;
  specification: StoredSpecification;
}

export interface JobListQuery {
  page: number;
  page_size: number;
  status?: JobStatus | undefined;
  model_id?: string | undefined;
  kind?: JobKind | undefined;
  version_id?: string | undefined;
}

/** Columns that may change together with the state. */
export interface JobOutcome {
  error?: SerialisedError;
  resultSha256?: string;
  reproduction?: Reproduction;
}

export interface AppliedChange {
  job: TrainingJob;
  before: JobStatus;
  after: JobStatus;
}

/** With the names of what a job belongs to. */
export function withNames(jobs: ReturnType<typeof selectJobs>) {
  return jobs
    .innerJoin("models", "models.id", "jobs.model_id")
    .innerJoin("datasets", "datasets.id", "jobs.dataset_id")
    .innerJoin("model_versions", "model_versions.id", "jobs.version_id")
    .selectAll("jobs")
    .select(["models.name as model", "datasets.name as dataset", "model_versions.version as version"]);
}

function selectJobs(db: Queries) {
  return db.selectFrom("jobs");
}

/** What decides what may happen to the job next. */
export function stateOf(row: JobRow): JobState {
  return {
    status: statusOf(row),
    attempt: row.attempt,
    maxRetries: row.max_retries,
    cancelRequested: row.cancel_requested === 1,
    pauseRequested: row.status === "running" && row.pause_requested === 1,
  };
}

/** What an outcome is written as. */
export function columnsOf(outcome: JobOutcome): Updateable<JobTable> {
  return {
    ...(outcome.error === undefined ? {} : { error: JSON.stringify(outcome.error) }),
    ...(outcome.resultSha256 === undefined ? {} : { result_sha256: outcome.resultSha256 }),
    ...(outcome.reproduction === undefined ? {} : columnsOfReproduction(outcome.reproduction)),
  };
}

function columnsOfReproduction(reproduction: Reproduction): Updateable<JobTable> {
  return { identical: reproduction.identical ? 1 : 0, reproduction: JSON.stringify(reproduction) };
}

/** A row as the scheduler works with it. */
export function toQueuedJob(row: JobRow): QueuedJob {
  return {
    id: row.id,
    kind: row.kind,
    modelId: row.model_id,
    model: row.model,
    versionId: row.version_id,
    version: row.version,
    runId: row.run_id,
    attempt: row.attempt,
    maxRetries: row.max_retries,
    specification: parseSpecification(row.specification),
  };
}
