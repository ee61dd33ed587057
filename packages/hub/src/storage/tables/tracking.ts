import type { Generated } from "kysely";
import type { Instant, Json } from "./columns.ts";

export interface ExperimentTable {
  /** A number that counts upwards, in digits; experiments of the first release keep their UUIDs. "0" is Default. */
  id: string;
  name: string;
  /** Where the artifacts of its runs are, when that is not the hub's own place for them. */
  artifact_location: Generated<string | null>;
  lifecycle_stage: "active" | "deleted";
  created_at: Instant;
  updated_at: Instant;
}

/** Primary key (experiment_id, key). */
export interface ExperimentTagTable {
  experiment_id: string;
  key: string;
  value: string;
}

export interface RunTable {
  /** uuid4 in hexadecimal, without dashes */
  id: string;
  experiment_id: string;
  name: string;
  kind: "training" | "evaluation" | "tracked";
  user_id: Generated<string>;
  status: "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";
  lifecycle_stage: "active" | "deleted";
  started_at: Instant;
  ended_at: Instant | null;
  deleted_at: Generated<Instant | null>;
}

/** Primary key (run_id, key). */
export interface RunParamTable {
  run_id: string;
  key: string;
  value: string;
}

/** Primary key (run_id, key). */
export interface RunTagTable {
  run_id: string;
  key: string;
  value: string;
}

/** One metric of one run, with its latest value: the largest (step, timestamp, value). Unique (run_id, key). */
export interface MetricSeriesTable {
  id: Generated<number>;
  run_id: string;
  key: string;
  /** 0 for NaN */
  value: number;
  is_nan: 0 | 1;
  timestamp: Instant;
  step: number;
}

/**
 * Every value of every metric. Primary key: all columns in this order, which is the order of a history and
 * makes an exact duplicate one row.
 */
export interface MetricPointTable {
  series_id: number;
  timestamp: Instant;
  step: number;
  /** 0 for NaN */
  value: number;
  is_nan: 0 | 1;
}

/**
 * Of each `width` steps of a series the smallest and the largest point (none where all are NaN) and the span
 * of time, so that a chart of millions of points reads a few thousand rows. Primary key (series_id, width,
 * cell); cell = ⌊step / width⌋.
 */
export interface MetricCellTable {
  series_id: number;
  width: number;
  cell: number;
  first_timestamp: Instant;
  last_timestamp: Instant;
  min_value: number | null;
  min_step: number | null;
  min_timestamp: Instant | null;
  max_value: number | null;
  max_step: number | null;
  max_timestamp: Instant | null;
}

/** Data that runs say they read: any source, not only the hub's own datasets. Unique (experiment_id, name, digest). */
export interface TrackedDatasetTable {
  /** uuid4 in hexadecimal, without dashes */
  id: string;
  experiment_id: string;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
}

/** Primary key (run_id, dataset_id). */
export interface RunDatasetInputTable {
  run_id: string;
  dataset_id: string;
  /** `[{key, value}]` */
  tags: Json;
}

/** Primary key (run_id, model_id). */
export interface RunModelInputTable {
  run_id: string;
  model_id: string;
}

/** Primary key (run_id, model_id). */
export interface RunModelOutputTable {
  run_id: string;
  model_id: string;
  step: number;
}
