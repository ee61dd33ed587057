import type { ColumnType, Generated } from "kysely";
import type { Instant, Json } from "./columns.ts";

export interface JobTable {
  id: string;
  /** Order of arrival. */
  sequence: Generated<number>;
  /** Its place among the queued where a person has moved it; null: its `sequence`. */
  position: number | null;
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
  /** Higher runs first. */
  priority: Generated<number>;
  /** Of a queued job: it is paused. Of a running one: it will be, when its trainer has left a checkpoint. */
  pause_requested: Generated<0 | 1>;
  /** What guards did; null: nothing. */
  guards: Json | null;
  pid: number | null;
  heartbeat_at: Instant | null;
  progress: Json | null;
  result_sha256: string | null;
  identical: 0 | 1 | null;
  /** Of a repetition: what was compared (wire/hub/reproduction.ts). */
  reproduction: Json | null;
  error: Json | null;
  created_at: Instant;
  started_at: Instant | null;
  finished_at: Instant | null;
  updated_at: ColumnType<Instant, Instant | undefined, Instant>;
}

/** The queue's own state: one row, or none before it was first paused. */
export interface TrainingQueueTable {
  id: "queue";
  paused: 0 | 1;
  /** What becomes of running jobs while it is paused. */
  running: "pause" | "finish";
  changed_at: Instant;
}

/** What the model said to one prompt after a step of its training. */
export interface TrainingSampleTable {
  job_id: string;
  step: number;
  prompt_index: number;
  prompt: string;
  /** The row's own answer; null for a prompt that the job named. */
  expected: string | null;
  answer: string;
  complete: 0 | 1;
  seconds: number;
}
