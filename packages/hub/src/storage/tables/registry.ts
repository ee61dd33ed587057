import type { Generated } from "kysely";
import type { Instant, Json } from "./columns.ts";

export interface ModelTable {
  id: string;
  name: string;
  task_type: string;
  description: string;
  base_model: string | null;
  /** Where its runs are; none for a model that nothing was trained for here. */
  experiment_id: string | null;
  /** The highest number that a version ever had: those of deleted ones are not given again. */
  last_version: Generated<number>;
  /** How it is served; null: nothing is set. */
  serving: Generated<Json | null>;
  created_at: Instant;
  updated_at: Instant;
}

export type Stage = "None" | "Staging" | "Production" | "Archived";

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
  /** Where a client said that its artifacts are; null for a version whose file the hub keeps. */
  source: string | null;
  /** Where `source` leads to in the end: `models:/…` resolved. */
  storage_location: string | null;
  run_link: string | null;
  description: string | null;
  /** The run that made it, as it was named, or empty; `run_id` is the same as long as the hub has that run. */
  source_run_id: Generated<string>;
  user_id: string | null;
  stage: Generated<Stage>;
  created_at: Instant;
  updated_at: Instant;
}

/** Primary key (model_id, key). */
export interface ModelTagTable {
  model_id: string;
  key: string;
  value: string;
}

/** Primary key (version_id, key). */
export interface ModelVersionTagTable {
  version_id: string;
  key: string;
  value: string;
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

/** Who is told of changes in the registry. */
export interface WebhookTable {
  /** UUID */
  id: string;
  name: string;
  description: string | null;
  url: string;
  /** `[{entity, action}]` */
  events: Json;
  /** Key of the signatures; never shown. */
  secret: string | null;
  status: "ACTIVE" | "DISABLED";
  created_at: Instant;
  updated_at: Instant;
}
