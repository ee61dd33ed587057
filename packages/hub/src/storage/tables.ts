import type { ColumnType, Generated } from "kysely";

/**
 * Every table of the database, as Kysely sees it. Conventions, the same in SQLite and
 * PostgreSQL: ids are text, instants are integers (ms since the epoch, UTC), documents
 * are JSON text, booleans are 0 or 1. The tracking tables carry MLflow's column meaning.
 */
export interface Tables {
  experiments: ExperimentTable;
  runs: RunTable;
  run_params: RunParamTable;
  run_tags: RunTagTable;
  metrics: MetricTable;
  latest_metrics: MetricTable;
  models: ModelTable;
  model_versions: ModelVersionTable;
  model_aliases: ModelAliasTable;
  model_events: ModelEventTable;
  datasets: DatasetTable;
  jobs: JobTable;
  evaluations: EvaluationTable;
  traces: TraceTable;
}

type Instant = number;
type Json = string;

export interface ExperimentTable {
  id: string;
  name: string;
  lifecycle_stage: "active" | "deleted";
  created_at: Instant;
  updated_at: Instant;
}

export interface RunTable {
  /** uuid4 in hexadecimal, without dashes */
  id: string;
  experiment_id: string;
  name: string;
  kind: "training" | "evaluation" | "tracked";
  status: "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";
  lifecycle_stage: "active" | "deleted";
  started_at: Instant;
  ended_at: Instant | null;
}

export interface RunParamTable {
  run_id: string;
  key: string;
  value: string;
}
export interface RunTagTable {
  run_id: string;
  key: string;
  value: string;
}

/** Primary key of `metrics`: (run_id, key, timestamp, step, value, is_nan); of `latest_metrics`: (run_id, key). */
export interface MetricTable {
  run_id: string;
  key: string;
  value: number;
  is_nan: 0 | 1;
  timestamp: Instant;
  step: number;
}

export interface ModelTable {
  id: string;
  name: string;
  task_type: string;
  description: string;
  base_model: string | null;
  tags: Json;
  experiment_id: string;
  created_at: Instant;
  updated_at: Instant;
}

export interface ModelVersionTable {
  id: string;
  model_id: string;
  version: number;
  status: "training" | "ready" | "archived" | "failed";
  kind: "full" | "adapter";
  base_version_id: string | null;
  /** Copied from the lineage, so that a dataset that a version was made from cannot be removed. */
  dataset_id: string | null;
  job_id: string | null;
  run_id: string | null;
  /** The file that the engine loads. */
  artifact_path: string | null;
  sha256: string | null;
  checksums: Json;
  metrics: Json;
  summary: Json | null;
  lineage: Json;
  error: Json | null;
  created_at: Instant;
  updated_at: Instant;
}

/** Primary key (model_id, alias). */
export interface ModelAliasTable {
  model_id: string;
  alias: string;
  version: number;
  updated_at: Instant;
}

export interface ModelEventTable {
  id: Generated<number>;
  model_id: string;
  kind: string;
  version: number | null;
  details: Json;
  created_at: Instant;
}

export interface DatasetTable {
  id: string;
  name: string;
  version: number;
  path: string;
  /** Folder of the immutable copy. */
  stored_path: string;
  checksum: string;
  format: string;
  schema: Json;
  rows: number;
  splits: Json;
  labels: Json;
  created_at: Instant;
}

export interface JobTable {
  id: string;
  /** Order of arrival: FIFO. */
  sequence: Generated<number>;
  kind: "train" | "reproduce";
  model_id: string;
  dataset_id: string;
  version_id: string;
  run_id: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled";
  parameters: Json;
  specification: Json;
  attempt: number;
  max_retries: number;
  cancel_requested: 0 | 1;
  pid: number | null;
  heartbeat_at: Instant | null;
  progress: Json | null;
  result_sha256: string | null;
  identical: 0 | 1 | null;
  error: Json | null;
  created_at: Instant;
  started_at: Instant | null;
  finished_at: Instant | null;
  updated_at: ColumnType<Instant, Instant | undefined, Instant>;
}

export interface EvaluationTable {
  id: string;
  run_id: string;
  version_id: string;
  dataset_id: string;
  split: string;
  rows: number;
  metrics: Json;
  confusion: Json;
  examples: Json;
  seconds: number;
  created_at: Instant;
}

export interface TraceTable {
  id: string;
  endpoint: string;
  version_id: string;
  /** Copied from the version, so that a trace stays true when the version is gone. */
  model: string;
  version: number;
  run_id: string | null;
  artifact_sha256: string | null;
  status: "ok" | "error" | "cancelled";
  finish_reason: string | null;
  error_code: string | null;
  prompt_tokens: number | null;
  cached_tokens: number | null;
  completion_tokens: number | null;
  ttft_ms: number | null;
  latency_ms: number;
  created_at: Instant;
}
