import type { Generated } from "kysely";
import type { Instant, Json } from "./columns.ts";

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
