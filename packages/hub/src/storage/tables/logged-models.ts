import type { Generated } from "kysely";
import type { Instant } from "./columns.ts";

/** A model that a program has logged, registered or not. */
export interface LoggedModelTable {
  /** `m-` and a uuid4 in hexadecimal, without dashes */
  id: string;
  experiment_id: string;
  name: string;
  artifact_uri: string;
  model_type: string | null;
  status: "PENDING" | "READY" | "FAILED";
  status_message: Generated<string | null>;
  lifecycle_stage: Generated<"active" | "deleted">;
  /** The run that made it, as it was named. */
  source_run_id: string | null;
  created_at: Instant;
  updated_at: Instant;
}

/** Primary key (model_id, key). */
export interface LoggedModelParamTable {
  model_id: string;
  key: string;
  value: string;
}

/** Primary key (model_id, key). */
export interface LoggedModelTagTable {
  model_id: string;
  key: string;
  value: string;
}

/** What runs have measured of a model. Primary key (model_id, key, timestamp, step, run_id). */
export interface LoggedModelMetricTable {
  model_id: string;
  key: string;
  timestamp: Instant;
  step: number;
  run_id: string;
  /** 0 for NaN */
  value: number;
  is_nan: 0 | 1;
  dataset_name: string | null;
  dataset_digest: string | null;
}
