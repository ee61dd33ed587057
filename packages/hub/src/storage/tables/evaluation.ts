import type { Instant, Json } from "./columns.ts";

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
  /** Intervals, figures of labels, scorers, what is absent. */
  details: Json;
  seconds: number;
  created_at: Instant;
}
