import type { Instant, Json } from "./columns.ts";

/** Examples that applications are evaluated with, gathered by clients; not the files that the hub trains on. */
export interface EvaluationDatasetTable {
  /** `d-` and a uuid4 in hexadecimal, without dashes */
  id: string;
  name: string;
  /** 8 hexadecimal digits that change with every change of the records */
  digest: string;
  /** Types of the fields of inputs, outputs and expectations. */
  schema: Json | null;
  created_at: Instant;
  updated_at: Instant;
  created_by: string | null;
  updated_by: string | null;
}

/** Primary key (dataset_id, key). */
export interface EvaluationDatasetTagTable {
  dataset_id: string;
  key: string;
  value: string;
}

/** Primary key (dataset_id, experiment_id). */
export interface EvaluationDatasetExperimentTable {
  dataset_id: string;
  experiment_id: string;
}

/** Unique (dataset_id, input_hash): the same inputs are the same record. */
export interface EvaluationRecordTable {
  /** `dr-` and a uuid4 in hexadecimal, without dashes */
  id: string;
  dataset_id: string;
  /** sha256 of the inputs with their keys in order */
  input_hash: string;
  inputs: Json;
  outputs: Json | null;
  expectations: Json | null;
  tags: Json | null;
  source: Json | null;
  source_type: string | null;
  source_id: string | null;
  created_at: Instant;
  updated_at: Instant;
  created_by: string | null;
  updated_by: string | null;
}

/** Unique (experiment_id, name). */
export interface ScorerTable {
  /** UUID */
  id: string;
  experiment_id: string;
  name: string;
}

/** Primary key (scorer_id, version). */
export interface ScorerVersionTable {
  scorer_id: string;
  version: number;
  /** As the client has written it. */
  serialized: string;
  created_at: Instant;
}
